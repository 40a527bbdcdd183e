import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import type { Machine } from "#machine/machine.ts";
import { saveState } from "#machine/state/snapshot.ts";
import type { Database } from "#store/database.ts";
import { snapshotBefore, snapshotSeqs } from "#store/snapshots.ts";
import type { LogPlace } from "./command-runs.ts";
import type { Divergences } from "./divergence.ts";
import { leafDifferences } from "./json-diff.ts";

/** Holds the snapshots that a verification passes to the state that it has there. */
export class SnapshotCheck {
  readonly #db: Database;
  readonly #machine: Machine;
  readonly #divergences: Divergences;
  /** Seqs of the snapshots still ahead. */
  readonly #ahead: number[];

  constructor(db: Database, machine: Machine, divergences: Divergences, afterSeq: number) {
    this.#db = db;
    this.#machine = machine;
    this.#divergences = divergences;
    this.#ahead = snapshotSeqs(db, afterSeq);
  }

  /** Seq of the next one, Infinity: there is none. */
  get nextSeq(): number {
    return this.#ahead[0] ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Replay has come to a place: compares the snapshots up to there.
   *
   * @param isOnTrack whether replay is where the log says; where it is not, that was told already
   */
  passed(place: LogPlace, isOnTrack: boolean): void {
    while (this.nextSeq <= place.seq) {
      const seq = this.#ahead.shift() as number;
      if (seq !== place.seq) this.#divergences.add(seq, "snapshot.seq", seq, place.seq);
      else if (isOnTrack) this.#compare(seq, place.commandId);
    }
  }

  #compare(seq: number, commandId: number): void {
    const snapshot = snapshotBefore(this.#db, seq);
    if (snapshot?.seq !== seq) return;
    const add = (path: string, recorded: Json, replayed: Json): void =>
      this.#divergences.add(seq, `snapshot.${path}`, recorded, replayed);
    const digest = toHex(this.#machine.digest());
    if (snapshot.commandId !== commandId) add("commandId", snapshot.commandId, commandId);
    if (toHex(snapshot.digest) !== digest) add("digest", toHex(snapshot.digest), digest);
    const state = saveState(this.#machine.state);
    if (snapshot.state === state) return;
    const differences = leafDifferences(read(snapshot.state), JSON.parse(state) as Json, "state");
    for (const { path, recorded, replayed } of differences) add(path, recorded, replayed);
    if (differences.length === 0) add("state", snapshot.state, state);
  }
}

/** What a snapshot says, or its text where that is no JSON. */
function read(state: string): Json {
  try {
    return JSON.parse(state) as Json;
  } catch {
    return state;
  }
}
