import { toHex } from "#base/hex.ts";
import { type Problem, problem } from "#base/problem.ts";
import type { Machine } from "#machine/machine.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader, segmentEvents } from "#store/log-reader.ts";
import { outsidePack, rangeOfPack } from "#store/packs.ts";
import { startFromSnapshot } from "./snapshot-start.ts";

/** Events that are read at once. */
const SEGMENT_EVENTS = 1000;

/**
 * Brings an empty machine to the state after `seq`: from the newest snapshot that holds, then by folding the facts that follow.
 *
 * @param seq the last event to apply; the log's head when left out
 * @returns the digest's claim is not checked here: `log-damaged` only where an event cannot be read
 */
export function rebuildTo(machine: Machine, db: Database, file: string, seq?: number): Problem | null {
  const reader = new LogReader(db);
  const last = Math.min(seq ?? Number.MAX_SAFE_INTEGER, reader.headSeq());
  let at = startFromSnapshot(machine, db, last)?.seq ?? 0;
  const unstarted = at === 0 ? startProblem(db, file, last) : null;
  if (unstarted !== null) return unstarted;
  while (at < last) {
    const segment = reader.segment(at, Math.min(SEGMENT_EVENTS, last - at));
    if (segment.firstSeq !== at + 1 || segment.count === 0 || segment.lastSeq !== at + segment.count) {
      return problem("log-damaged", { file, why: `event ${missingBehind(reader, at)} is missing` });
    }
    const mark = machine.state.journal.mark();
    for (const event of segmentEvents(segment, machine.state.host.get(0)?.epoch ?? 0)) {
      if (isDamaged(event))
        return problem("log-damaged", { file, why: `event ${event.seq}: ${event.fault}` });
      machine.apply(event);
      at = event.seq;
    }
    machine.endCommand(mark);
    machine.settle();
  }
  return null;
}

/** Why a pack cannot be folded without the state that it begins with; null: it is a whole log, or begins with the first event. */
function startProblem(db: Database, file: string, last: number): Problem | null {
  const range = rangeOfPack(db);
  if (range === null || range.from === 1) return null;
  const outside = outsidePack(db, last);
  return (
    outside ?? problem("log-damaged", { file, why: `the state before event ${range.from} does not hold` })
  );
}

/** Seq of the first event behind `seq` that is not in the log. */
export function missingBehind(reader: LogReader, seq: number): number {
  let missing = seq + 1;
  while (reader.row(missing) !== undefined) missing += 1;
  return missing;
}

/** Whether the rebuilt state is the one that the last command of the log ended in. */
export function checkDigest(machine: Machine, db: Database, file: string): Problem | null {
  const reader = new LogReader(db);
  const command = reader.command(reader.headCommand());
  if (command === undefined) return null;
  const recorded = toHex(command.digest);
  const rebuilt = toHex(machine.digest());
  if (recorded === rebuilt) return null;
  return problem("log-damaged", {
    file,
    why: `the state rebuilt from it has digest ${rebuilt.slice(0, 12)}…, recorded is ${recorded.slice(0, 12)}…`,
  });
}
