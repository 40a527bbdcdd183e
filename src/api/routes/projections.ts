import type { FastifyInstance } from "fastify";
import { isProblem } from "#base/problem.ts";
import type { ReadSide } from "#control/read-side.ts";
import type { LoggedEvent } from "#events/logged.ts";
import { rebuildProjections, staleProjections } from "#projections/catalogue.ts";
import type { ApiContext } from "../context.ts";
import { RebuildAnswer, RebuildBody } from "../contract.ts";
import { read } from "../define.ts";
import { readSlice } from "../event-pages.ts";
import { Refusal } from "../request-problem.ts";

const SLICE_EVENTS = 1000;

export function projectionRoutes(app: FastifyInstance, context: ApiContext): void {
  const { control, reads } = context;

  read(app, context, {
    method: "POST",
    url: "/v1/projections/rebuild",
    id: "rebuildProjections",
    tag: "replay",
    summary: "Drop the tables of the projections and refold them from the log",
    description:
      "The new tables take the old ones' places in one transaction. Everything else waits meanwhile: about a second for a hundred " +
      "thousand events.",
    body: RebuildBody,
    answer: RebuildAnswer,
    problems: ["log-damaged"],
    handle: () => {
      try {
        const report = control.exclusively((db) => rebuildProjections(db, wholeLog(reads)));
        context.stale = staleProjections(reads.db);
        return report;
      } catch (error) {
        if (error instanceof Refusal) return error.problem;
        throw error;
      }
    },
  });
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
