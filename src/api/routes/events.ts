import type { FastifyInstance, FastifyRequest } from "fastify";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { show } from "#config/board/fields.ts";
import type { ApiContext } from "../context.ts";
import { Event, EventParams, Events, EventsQuery, eventAnswer, StreamQuery } from "../contract.ts";
import { read, stream } from "../define.ts";
import { readEvent, readEvents } from "../event-pages.ts";
import type { EventStreams } from "../event-stream.ts";
import { RequestProblem } from "../request-problem.ts";

const tag = "events";

export function eventRoutes(app: FastifyInstance, context: ApiContext, streams: EventStreams): void {
  const { control, reads } = context;

  read(app, context, {
    method: "GET",
    url: "/v1/events",
    isAuditData: true,
    id: "listEvents",
    tag,
    summary: "Events, oldest first, SCMI decoded",
    query: EventsQuery,
    answer: Events,
    problems: ["log-damaged"],
    handle: async ({ query: { after = 0, limit = 100, ...filter } }) => {
      // One more than asked for tells whether there is another page.
      const found = await readEvents(reads, after, limit + 1, filter);
      if (isProblem(found)) return found;
      const items = found.events.slice(0, limit);
      const next = found.events.length > limit ? (items.at(-1)?.seq ?? null) : null;
      return { items: items.map((event) => eventAnswer(event, control.namesAt(event.seq))), next };
    },
  });

  read(app, context, {
    method: "GET",
    url: "/v1/events/:seq",
    isAuditData: true,
    id: "getEvent",
    tag,
    summary: "One event",
    params: EventParams,
    answer: Event,
    problems: ["seq-not-found", "log-damaged"],
    handle: ({ params: { seq } }) => {
      const event = readEvent(reads, seq);
      return isProblem(event) ? event : eventAnswer(event, control.namesAt(seq));
    },
  });

  stream(app, context, {
    url: "/v1/events/stream",
    isAuditData: true,
    id: "streamEvents",
    tag,
    summary: "Events as they are recorded, as server-sent events",
    description:
      "`id:` is the seq, `event:` the type, `data:` the event as GET /v1/events/{seq} has it. Behind a `Last-Event-ID` the stream " +
      "goes on with no gap and no double.",
    query: StreamQuery,
    problems: ["seq-not-found"],
    handle: async ({ query: { after, ...filter }, request, reply }) => {
      const start = lastEventId(request) ?? after ?? control.headSeq;
      if (isProblem(start)) return start;
      const { headSeq } = control;
      if (start > headSeq) return problem("seq-not-found", { seq: start, headSeq });
      reply.hijack();
      await streams.stream(reply.raw, start, filter, () => context.audience.refusalNow(request));
      return null;
    },
  });
}

/** The seq that a caller saw last, as EventSource says it when it comes back. */
function lastEventId({ headers }: FastifyRequest): number | Problem | null {
  const given = headers["last-event-id"];
  if (given === undefined || given === "") return null;
  if (typeof given === "string" && /^\d{1,15}$/.test(given)) return Number(given);
  const allowed = "the id of an event of this stream: its seq";
  return new RequestProblem([{ path: "header.last-event-id", found: show(given), allowed }]);
}
