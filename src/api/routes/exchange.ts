import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { endLine, exportedLines } from "#audit/exchange/export-log.ts";
import { EXPORT_FORMATS, type ExportFormat, MEDIA_TYPES } from "#audit/exchange/formats.ts";
import { isProblem } from "#base/problem.ts";
import type { ApiContext } from "../context.ts";
import { CountText, ProblemBody } from "../contract.ts";
import { nextCommit } from "../next-commit.ts";
import { PROBLEM_TYPE, sendProblem } from "../problem-json.ts";

const ExportQuery = z.strictObject({
  format: z
    .enum(EXPORT_FORMATS, { error: `one of ${EXPORT_FORMATS.join(", ")}` })
    .optional()
    .describe("Default: jsonl."),
  after: CountText.optional().describe("Events behind this seq. Default: 0."),
  follow: z
    .enum(["true", "false"])
    .optional()
    .describe("Go on with what is recorded from now on; there is no end then."),
});

/** The log in forms for other systems. */
export function exchangeRoutes(app: FastifyInstance, context: ApiContext): void {
  app.route<{ Querystring: z.output<typeof ExportQuery> }>({
    method: "GET",
    url: "/v1/audit/export",
    exposeHeadRoute: false,
    config: { isWrite: false, access: "audit" },
    schema: {
      operationId: "exportEvents",
      tags: ["audit"],
      summary: "The log as JSON Lines, CSV or CloudEvents, to its end or for ever",
      description:
        "JSON Lines hold all of the log: `scmictl import events` makes the same log of them. The last line says how far it goes, with the root of the audit tree.",
      querystring: ExportQuery,
      response: {
        200: {
          description: "Lines.",
          content: Object.fromEntries(
            [...new Set(Object.values(MEDIA_TYPES))].map((type) => [
              type.replace(/;.*/, ""),
              { schema: z.string() },
            ]),
          ),
        },
        default: { description: "A refusal.", content: { [PROBLEM_TYPE]: { schema: ProblemBody } } },
      },
    },
    handler: async (request, reply) => {
      const { format = "jsonl", after = 0, follow } = request.query;
      const unrecorded = await context.audience.reads(request);
      if (isProblem(unrecorded)) return sendProblem(reply, unrecorded);
      const abort = new AbortController();
      request.raw.once("close", () => abort.abort());
      reply.type(MEDIA_TYPES[format]);
      const isFollowing = follow === "true";
      const mayGoOn = () => {
        const refusal = context.audience.refusalNow(request);
        // Too late for a status: the answer is cut off, which nobody takes for its end.
        if (refusal !== null) throw new Error(refusal.detail);
      };
      const found = lines(context, format, after, isFollowing, mayGoOn, abort.signal);
      // Whoever waits for the next event wants to know that it is waited for.
      if (isFollowing) setImmediate(() => reply.raw.flushHeaders());
      return reply.send(Readable.from(found));
    },
  });
}

/** The lines of an export; one that meets a damaged event, or may not go on, breaks off without its end. */
async function* lines(
  context: ApiContext,
  format: ExportFormat,
  after: number,
  isFollowing: boolean,
  mayGoOn: () => void,
  gone: AbortSignal,
): AsyncGenerator<string> {
  const { control, reads } = context;
  const names = (seq: number) => control.namesAt(seq);
  let at = after;
  for (;;) {
    const upTo = reads.log.headSeq();
    const found = exportedLines(reads.db, { format, after: at, upTo, names });
    for (;;) {
      const { done, value } = found.next();
      if (done === true) {
        if (value !== null) throw new Error(`event ${value.seq}: ${value.fault}`);
        break;
      }
      mayGoOn();
      yield value;
      // A long export lets others run in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
    at = Math.max(at, upTo);
    if (!isFollowing) {
      yield endLine(reads.db, format, at);
      return;
    }
    await nextCommit(context, at, gone);
    if (gone.aborted || context.closing.aborted) return;
  }
}
