import { isProblem, type Problem } from "#base/problem.ts";
import type { ReadSide } from "#control/read-side.ts";
import type { LoggedEvent } from "#events/logged.ts";
import { type RebuildReport, rebuildProjections, staleProjections } from "#projections/catalogue.ts";
import type { ApiContext } from "./context.ts";
import { readSlice } from "./event-pages.ts";
import { Refusal } from "./request-problem.ts";

const SLICE_EVENTS = 1000;

/** Drops the tables of the projections and refolds them from the log. Everything else waits meanwhile. */
export function rebuildTables(context: ApiContext): RebuildReport | Problem {
  const { control, reads } = context;
  try {
    const report = control.exclusively((db) => rebuildProjections(db, wholeLog(reads)));
    context.stale = staleProjections(reads.db);
    return report;
  } catch (error) {
    if (error instanceof Refusal) return error.problem;
    throw error;
  }
}

function* wholeLog(reads: ReadSide): Generator<LoggedEvent> {
  let at = 0;
  for (;;) {
    const events = readSlice(reads, at, SLICE_EVENTS);
    if (isProblem(events)) throw new Refusal(events);
    if (events.length === 0) return;
    yield* events;
    at = events.at(-1)?.seq ?? at;
  }
}
