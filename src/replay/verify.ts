import { toHex } from "#base/hex.ts";
import { type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { commandRuns, type LogPlace } from "./command-runs.ts";
import { type Divergence, Divergences } from "./divergence.ts";
import { sha256 } from "./hash.ts";
import { Judge } from "./judge.ts";
import { Recheck } from "./recheck.ts";
import { SnapshotCheck } from "./snapshot-check.ts";
import { startFromSnapshot } from "./snapshot-start.ts";

/** Divergences that a report lists; all are counted. */
export const DIVERGENCES_MAX = 100;
/** Commands that are looked at closely before the quick way is tried again: twice as many each time that it fails at once, up to this. */
const CLOSE_LOOKS_MAX = 512;

/** How far a verification is. */
export interface Progress {
  readonly events: number;
  readonly eventsTotal: number;
}

export interface VerifyOptions {
  /** Seq of the first event to verify; the command that it belongs to is verified whole. Default: the first. */
  readonly from?: number | undefined;
  /** Seq of the last event to verify, rounded up to its command's end. Default: the last. */
  readonly to?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** What came of verifying: digests are 64 hex digits. */
export interface VerifyReport {
  /** Events and commands that were re-decided and compared. */
  readonly events: number;
  readonly commands: number;
  /** The first of them, in the order they were found. */
  readonly divergences: readonly Divergence[];
  readonly divergenceCount: number;
  /** Digest of the state that replaying ended in. */
  readonly stateHash: string;
  /** The digest that the log has for the same moment. */
  readonly liveStateHash: string;
}

/**
 * Re-decides every recorded command by today's rules and compares what comes of it with what was recorded: the events byte for
 * byte, their columns, and the state digest after each command. A log that was altered is no reason to stop: what cannot be is
 * a divergence at its seq, and replay goes on from the state that the log's digests speak for.
 *
 * @returns `position-out-of-range` where the log does not reach that far, `request-invalid` where `from` is behind `to`
 */
export function verify(db: Database, options: VerifyOptions = {}): VerifyReport | Problem {
  const reader = new LogReader(db);
  const head = { commandId: reader.headCommand(), seq: reader.headSeq() };
  const { from = 1, to = head.seq, onProgress } = options;
  const outside = [from, to].find((seq) => seq > head.seq || seq < 1);
  if (outside !== undefined && (head.seq > 0 || options.from !== undefined || options.to !== undefined)) {
    return problem("position-out-of-range", { position: outside, headSeq: head.seq });
  }
  if (from > to && head.seq > 0) {
    return problem("request-invalid", {
      issues: [`from: found ${from}, allowed are positions up to \`to\`, ${to}`],
    });
  }

  const first = firstOfCommand(reader, from);
  const machine = new Machine(sha256, null, false);
  const divergences = new Divergences(DIVERGENCES_MAX);
  const start = startBefore(machine, db, first, divergences);
  const recheck = new Recheck(machine, reader, head);
  const judge = new Judge(machine, divergences, first);
  const snapshots = new SnapshotCheck(db, machine, divergences, Math.max(start.seq, first - 1));
  const tally = new Tally(first, to, onProgress);
  let at = start;
  let closeLooks = 1;
  const isDone = (): boolean => at.seq >= to && (to < head.seq || at.commandId >= head.commandId);
  while (!isDone()) {
    const before = at;
    if (judge.isOnTrack) {
      at = recheck.advance(before, Math.min(to, snapshots.nextSeq, tally.nextBound(before)));
      tally.passed(before, at, at.commandId - before.commandId);
      snapshots.passed(at, true);
    }
    if (at !== before) {
      closeLooks = 1;
      continue;
    }
    let looks = 0;
    for (const run of commandRuns(reader, before, head)) {
      judge.judge(run);
      tally.passed(at, run.end, 1);
      at = run.end;
      snapshots.passed(at, judge.isOnTrack);
      looks += 1;
      if (looks === closeLooks || isDone()) break;
    }
    closeLooks = Math.min(2 * closeLooks, CLOSE_LOOKS_MAX);
    if (at === before) break;
  }
  const last = reader.command(at.commandId);
  return {
    events: tally.events,
    commands: tally.commands,
    divergences: divergences.kept,
    divergenceCount: divergences.count,
    stateHash: toHex(machine.digest()),
    liveStateHash: toHex(last?.digest ?? machine.digest()),
  };
}

/** The first event of the command that an event belongs to. */
function firstOfCommand(reader: LogReader, seq: number): number {
  const row = reader.row(seq);
  const command = row === undefined ? undefined : reader.command(row.command_id);
  return command === undefined || command.firstSeq > seq || command.lastSeq < seq ? seq : command.firstSeq;
}

/** Brings the machine to the newest snapshot before an event: the events between are re-decided too, but not told of. */
function startBefore(machine: Machine, db: Database, from: number, divergences: Divergences): LogPlace {
  const snapshot = startFromSnapshot(machine, db, from - 1, ({ seq, path, recorded, replayed }) =>
    divergences.add(seq, path, recorded, replayed),
  );
  if (snapshot === null) return { commandId: 0, seq: 0, timeUs: 0 };
  const timeUs = new LogReader(db).row(snapshot.seq)?.time ?? 0;
  return { commandId: snapshot.commandId, seq: snapshot.seq, timeUs };
}

/** Counts what was verified of the range asked for, and tells how far it is. */
class Tally {
  events = 0;
  commands = 0;
  readonly #from: number;
  readonly #to: number;
  readonly #onProgress: (progress: Progress) => void;

  constructor(from: number, to: number, onProgress: (progress: Progress) => void = () => undefined) {
    this.#from = from;
    this.#to = to;
    this.#onProgress = onProgress;
  }

  /** Where a stretch should end, so that it is counted whole or not at all. */
  nextBound({ seq }: LogPlace): number {
    return seq + 1 < this.#from ? this.#from - 1 : Number.POSITIVE_INFINITY;
  }

  passed(before: LogPlace, after: LogPlace, commands: number): void {
    if (after.seq < this.#from) return;
    this.events += after.seq - before.seq;
    this.commands += commands;
    this.#onProgress({ events: this.events, eventsTotal: this.#to - this.#from + 1 });
  }
}
