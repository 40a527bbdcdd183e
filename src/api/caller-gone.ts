import type { FastifyReply } from "fastify";
import type { ApiContext } from "./context.ts";

/** Aborted when the caller has gone away before its answer. */
export function callerGone(reply: FastifyReply): AbortSignal {
  const caller = new AbortController();
  reply.raw.once("close", () => caller.abort());
  return caller.signal;
}

/** For what takes long: aborted also when the server begins to close, which does not wait for it. */
export function callerGoneOrClosing({ closing }: ApiContext, reply: FastifyReply): AbortSignal {
  return AbortSignal.any([closing, callerGone(reply)]);
}
