import { hash } from "node:crypto";
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { show } from "#config/board/fields.ts";
import { Refusal, RequestProblem } from "./request-problem.ts";

/** The Idempotency-Key of a write, and the hash of what it stands for. */
export interface Idempotency {
  readonly key: string;
  /** SHA-256 of method, path and body: the same key with another of them is another request. */
  readonly bodyHash: Uint8Array;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Set by the hook of the writes; null: the request has no Idempotency-Key. */
    idempotency: Idempotency | null;
  }
}

const HEADER = "idempotency-key";
const ALLOWED = /^[\x20-\x7e]{1,255}$/;

/** Hook before validation, where the body still is as it was sent: reads the key. */
export function readIdempotencyKey(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: HookHandlerDoneFunction,
): void {
  const key = request.headers[HEADER];
  if (key === undefined) {
    done();
  } else if (typeof key !== "string" || !ALLOWED.test(key)) {
    const allowed = "1 to 255 printable ASCII characters";
    done(new Refusal(new RequestProblem([{ path: `header.${HEADER}`, found: show(key), allowed }])));
  } else {
    request.idempotency = { key, bodyHash: requestHash(request) };
    done();
  }
}

function requestHash({ method, url, body }: FastifyRequest): Uint8Array {
  const [path = ""] = url.split("?");
  return hash("sha256", `${method} ${path}\n${canonicalJson((body ?? {}) as Json)}`, "buffer");
}
