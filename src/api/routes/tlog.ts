import type { FastifyInstance, FastifyReply } from "fastify";
import { z } from "zod";
import { LogView } from "#audit/log-view.ts";
import { parseTilePath } from "#audit/tiles/layout.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { ApiContext } from "../context.ts";
import { sendProblem } from "../problem-json.ts";
import { currentCheckpoint } from "./audit.ts";

const tag = "audit";

const TileParams = z.strictObject({
  "*": z.string().describe("Which tile: `0/x001/234`, `1/000.p/17`, `entries/x001/234`."),
});

/** A tile never changes; a checkpoint is another one soon. */
const FOR_EVER = "public, max-age=31536000, immutable";
const FOR_A_MOMENT = "public, max-age=1";

/** The log as C2SP tlog-tiles serves one: its prefix is /tlog. */
export function tlogRoutes(app: FastifyInstance, context: ApiContext): void {
  app.route({
    method: "GET",
    url: "/tlog/checkpoint",
    config: { isWrite: false, access: "view" },
    schema: {
      operationId: "getCheckpoint",
      tags: [tag],
      summary: "The newest signed checkpoint, as C2SP tlog-checkpoint has it",
      response: { 200: { description: "A note.", content: { "text/plain": { schema: z.string() } } } },
    },
    handler: async (_request, reply) => {
      const view = LogView.of(context.reads.db);
      const signed = isProblem(view) ? view : currentCheckpoint(context, view);
      if (isProblem(signed)) return sendProblem(reply, signed);
      return send(reply, signed.text, "text/plain; charset=utf-8", FOR_A_MOMENT);
    },
  });

  app.route<{ Params: { "*": string } }>({
    method: "GET",
    url: "/tlog/tile/*",
    config: { isWrite: false, access: "view" },
    schema: {
      operationId: "getTile",
      tags: [tag],
      summary: "Tiles of the audit tree, and bundles of entries, as C2SP tlog-tiles has them",
      description:
        "`<level>/<index>[.p/<width>]` or `entries/<index>[.p/<width>]`, the index in elements of three digits.",
      params: TileParams,
      response: {
        200: {
          description: "Hashes one behind the other, or entries each behind its length.",
          content: { "application/octet-stream": { schema: z.string() } },
        },
      },
    },
    handler: async (request, reply) => {
      const bytes = tileOf(context, request.params["*"]);
      return isProblem(bytes)
        ? sendProblem(reply, bytes)
        : send(reply, Buffer.from(bytes), "application/octet-stream", FOR_EVER);
    },
  });
}

/** Only what a signed tree has: a tile beyond the newest checkpoint proves nothing. */
function tileOf(context: ApiContext, path: string): Uint8Array | Problem {
  const view = LogView.of(context.reads.db);
  if (isProblem(view)) return view;
  const signed = context.control.audit?.newest ?? view.newest();
  if (isProblem(signed)) return signed;
  const { size } = signed.checkpoint;
  const what = parseTilePath(path);
  return what === null
    ? problem("tile-not-found", { path: `/tlog/tile/${path}`, size })
    : view.tile(what, size);
}

function send(reply: FastifyReply, body: string | Buffer, type: string, caching: string): FastifyReply {
  return reply.type(type).header("cache-control", caching).send(body);
}
