import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import { unreadable } from "#store/damage.ts";
import { openForReading } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";

const EVENTS_AT_ONCE = 1000;

/** Events of what was observed on a real machine. */
export type ObservedEvent = MachineEvent<"trace.imported" | "scmi.observed" | "xen.observed">;

/**
 * Hands on what a log has of a real machine, in order, until `take` returns false; the log is only read. `log-not-a-log` where there is
 * nothing of the kind.
 */
export function eachObserved(file: string, take: (event: ObservedEvent) => unknown): Problem | null {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const reader = new LogReader(db);
    let isObserved = false;
    for (let at = 0; ; ) {
      const events = reader.events(at, EVENTS_AT_ONCE);
      for (const event of events) {
        if (isDamaged(event)) return unreadable(file, event);
        at = event.seq;
        if (
          event.type !== "trace.imported" &&
          event.type !== "scmi.observed" &&
          event.type !== "xen.observed"
        ) {
          continue;
        }
        isObserved = true;
        if (take(event) === false) return null;
      }
      if (events.length === 0) break;
    }
    return isObserved ? null : problem("log-not-a-log", { file, why: NOTHING });
  } finally {
    db.close();
  }
}

const NOTHING =
  "nothing in it was observed on a real machine; import ftrace and import xen-log make such logs";
