import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Machine } from "#machine/machine.ts";
import { unreadable } from "#store/damage.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader, segmentEvents } from "#store/log-reader.ts";
import { outsidePack, rangeOfPack } from "#store/packs.ts";
import { segmentsBehind } from "./segments.ts";
import { startFromSnapshot } from "./snapshot-start.ts";

/**
 * Brings an empty machine to the state after `seq`: from the newest snapshot that holds, then by folding the facts that follow.
 *
 * @param seq the last event to apply; the log's head when left out
 * @returns the digest's claim is not checked here: `log-damaged` only where an event cannot be read
 */
export function rebuildTo(machine: Machine, db: Database, file: string, seq?: number): Problem | null {
  const reader = new LogReader(db);
  const last = Math.min(seq ?? Number.MAX_SAFE_INTEGER, reader.headSeq());
  const start = startFromSnapshot(machine, db, last)?.seq ?? 0;
  const unstarted = start === 0 ? startProblem(db, file, last) : null;
  if (unstarted !== null) return unstarted;
  for (const segment of segmentsBehind(reader, file, start, last)) {
    if (isProblem(segment)) return segment;
    const mark = machine.state.journal.mark();
    for (const event of segmentEvents(segment, machine.state.host.get(0)?.epoch ?? 0)) {
      if (isDamaged(event)) return unreadable(file, event);
      machine.apply(event);
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
