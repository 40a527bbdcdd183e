import type { FastifyInstance } from "fastify";
import type { Witnesses } from "#audit/witnesses/witnesses.ts";
import type { ApiContext } from "../context.ts";
import { Witnesses as Answer } from "../contract/witnesses.ts";
import { read } from "../define.ts";

/** How it goes with the witnesses that the log asks; null: it asks none. */
export function witnessRoutes(app: FastifyInstance, context: ApiContext, witnesses: Witnesses | null): void {
  read(app, context, {
    method: "GET",
    url: "/v1/audit/witnesses",
    id: "listWitnesses",
    tag: "audit",
    summary: "The witnesses that cosign the log's checkpoints, and how far each has come",
    answer: Answer,
    handle: () => ({
      items: witnesses?.statuses() ?? [],
      size: context.control.audit?.signedSize ?? 0,
      cosigned: witnesses?.cosigned?.text ?? null,
    }),
  });
}
