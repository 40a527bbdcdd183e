import type { FastifyInstance } from "fastify";
import type { Registry } from "prom-client";
import { z } from "zod";
import { type Problem, problem } from "#base/problem.ts";
import type { ApiContext } from "../context.ts";
import { Seq } from "../contract.ts";
import { read } from "../define.ts";

const tag = "health";

/** What the log's operator is told. */
export const UNSIGNED = "the audit log's checkpoints cannot be signed, or not be kept";

const Alive = z.strictObject({ status: z.literal("ok") }).meta({ id: "Alive" });
const Ready = z
  .strictObject({
    status: z.literal("ready"),
    headSeq: Seq,
    warnings: z
      .array(z.string())
      .exactOptional()
      .describe("What does not work, and keeps nobody from writing; left out where all does."),
  })
  .meta({ id: "Ready" });

export function healthRoutes(app: FastifyInstance, context: ApiContext, registry: Registry): void {
  const { control } = context;

  read(app, context, {
    method: "GET",
    url: "/healthz",
    access: "open",
    id: "isAlive",
    tag,
    summary: "Whether the server answers at all",
    answer: Alive,
    handle: () => ({ status: "ok" as const }),
  });

  read(app, context, {
    method: "GET",
    url: "/readyz",
    access: "open",
    id: "isReady",
    tag,
    summary: "Whether the log is recovered and can be written",
    answer: Ready,
    problems: ["log-unwritable"],
    handle: (): z.output<typeof Ready> | Problem => {
      const why = control.writeFault();
      if (why !== null) return problem("log-unwritable", { why });
      const unsigned = control.audit?.fault ?? null;
      const warnings = unsigned === null ? {} : { warnings: [`${UNSIGNED}: ${unsigned}`] };
      return { status: "ready", headSeq: control.headSeq, ...warnings };
    },
  });

  app.route({
    method: "GET",
    url: "/metrics",
    config: { isWrite: false, access: "view" },
    schema: {
      operationId: "getMetrics",
      tags: [tag],
      summary: "Metrics in Prometheus' text format",
      response: {
        200: { description: "Metrics.", content: { "text/plain": { schema: z.string() } } },
      },
    },
    handler: async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  });
}
