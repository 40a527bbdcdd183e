import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** What a caller may call its request. */
const GIVEN = /^[\w.-]{1,64}$/;

/** Id of a request: the caller's own, where its `X-Request-Id` can be one, or 16 hex digits that no other request has. */
export function requestId({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && GIVEN.test(given) ? given : randomBytes(8).toString("hex");
}
