import type { FastifyRequest } from "fastify";
import type { Requester } from "#control/control.ts";

/** Who asks, as long as there are no tokens: whoever can reach a loopback address. */
const ACTOR = "local";

/** scmictl says so with this header, so that the log tells its writes from other programs'. */
export const CLI_HEADER = "scmictl-version";

/** W3C Trace Context, version 00: trace id and parent id that are not all zero, and flags. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Who asks, and how. The actor is never the request's to say. */
export function requesterOf(request: FastifyRequest, reason: string | null): Requester {
  const { headers, id, ip, caller } = request;
  const source = headers[CLI_HEADER] === undefined ? "rest" : "cli";
  const { traceparent } = headers;
  const isTraced = typeof traceparent === "string" && TRACEPARENT.test(traceparent);
  return {
    actor: caller?.name ?? ACTOR,
    source,
    reason,
    request: { address: ip, id, traceparent: isTraced ? traceparent : null },
  };
}
