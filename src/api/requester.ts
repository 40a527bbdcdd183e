import type { FastifyRequest } from "fastify";
import type { Requester } from "#control/control.ts";

/** Who asks, as long as there are no tokens: whoever can reach a loopback address. */
const ACTOR = "local";

/** scmictl says so with this header, so that the log tells its writes from other programs'. */
export const CLI_HEADER = "scmictl-version";

/** Who asks, and how. The actor is never the request's to say. */
export function requesterOf({ headers }: FastifyRequest, reason: string | null | undefined): Requester {
  const source = headers[CLI_HEADER] === undefined ? "rest" : "cli";
  return { actor: ACTOR, source, reason: reason ?? null };
}
