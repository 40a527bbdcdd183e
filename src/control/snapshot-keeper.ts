import type { Machine } from "#machine/machine.ts";
import { saveState } from "#machine/state/snapshot.ts";
import type { Database } from "#store/database.ts";
import { snapshotBefore, writeSnapshot } from "#store/snapshots.ts";

/** Events from one snapshot to the next: no start, and no travel to a moment, folds more. Folding that many takes 2 to 3 ms. */
const EVENTS_MIN = 2048;
/** A large state is kept less often: to read it takes as long as folding so many events, and it must not outgrow the log. */
const EVENTS_MAX = 65_536;
/** What snapshots may add to the file, for each event. */
const BYTES_PER_EVENT = 8;

/** Keeps snapshots of the state: often enough that none is far, and seldom enough that they are a small part of the file. */
export class SnapshotKeeper {
  readonly #db: Database;
  #lastSeq = 0;
  #distance: number = EVENTS_MIN;

  constructor(db: Database) {
    this.#db = db;
    this.reread();
  }

  /** A transaction was taken back, and a snapshot perhaps with it: the file says which is the last. */
  reread(): void {
    const last = snapshotBefore(this.#db, Number.MAX_SAFE_INTEGER);
    this.#lastSeq = last?.seq ?? 0;
    this.#distance = distanceFor(last?.state.length ?? 0);
  }

  /** Whether it is time for one after event `seq`. */
  isDue(seq: number): boolean {
    return seq - this.#lastSeq >= this.#distance;
  }

  /** Whether something has happened since the last one. */
  isBehind(seq: number): boolean {
    return seq > this.#lastSeq;
  }

  /** Keeps one, inside the caller's transaction. */
  keep(machine: Machine, commandId: number): void {
    const { seq } = machine;
    const state = saveState(machine.state);
    writeSnapshot(this.#db, { seq, commandId, digest: machine.digest(), state });
    this.#lastSeq = seq;
    this.#distance = distanceFor(state.length);
  }
}

function distanceFor(stateBytes: number): number {
  return Math.min(EVENTS_MAX, Math.max(EVENTS_MIN, Math.ceil(stateBytes / BYTES_PER_EVENT)));
}
