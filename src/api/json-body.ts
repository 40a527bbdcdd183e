import { isUtf8 } from "node:buffer";
import type { FastifyInstance } from "fastify";
import { problem } from "#base/problem.ts";
import { Refusal } from "./request-problem.ts";

/** Largest body of a request. */
export const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** Deepest nesting of a body. Whatever walks a value later does so by recursion, and must not run out of stack. */
const DEPTH_MAX = 100;
/** Bodies up to this size cannot nest deep enough to do harm. */
const SHALLOW_BYTES = 4096;

/** Reads bodies: JSON in UTF-8, and nothing else. An empty one is none. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else if (!isUtf8(body as Buffer)) done(malformed("the body is not UTF-8"));
    else if (body.length > SHALLOW_BYTES && isDeep(body as Buffer))
      done(malformed(`the body nests deeper than ${DEPTH_MAX} levels`));
    else parse(body.toString(), done);
  });
}

function parse(text: string, done: (error: Error | null, body?: unknown) => void): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    done(malformed(`the body is not JSON: ${(error as Error).message}`));
    return;
  }
  // Null would pass for no body at all.
  done(null, value === null ? "null" : value);
}

function malformed(why: string): Refusal {
  return new Refusal(problem("request-malformed", { why }));
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [
  0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d,
];

/** Whether lists and objects nest too deep. The text need not be JSON. */
function isDeep(text: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i += 1) {
    const byte = text[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      depth += 1;
      if (depth > DEPTH_MAX) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return false;
}
