import type { FastifyInstance } from "fastify";
import type { ApiContext } from "../context.ts";
import { RebuildAnswer, RebuildBody } from "../contract.ts";
import { read } from "../define.ts";
import { rebuildTables } from "../rebuild-tables.ts";

export function projectionRoutes(app: FastifyInstance, context: ApiContext): void {
  read(app, context, {
    method: "POST",
    url: "/v1/projections/rebuild",
    access: "administer",
    id: "rebuildProjections",
    tag: "replay",
    summary: "Drop the tables of the projections and refold them from the log",
    description:
      "The new tables take the old ones' places in one transaction. Everything else waits meanwhile: about a second for a hundred " +
      "thousand events.",
    body: RebuildBody,
    answer: RebuildAnswer,
    problems: ["log-damaged"],
    handle: () => rebuildTables(context),
  });
}
