import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { type Problem, problem } from "#base/problem.ts";
import { REQUEST_BYTES_MAX } from "./request.ts";
import type { Witness } from "./witness.ts";

const REQUEST_MS = 10_000;
const TEXT = "text/plain; charset=utf-8";
const SIZE = "text/x.tlog.size";

export interface WitnessServerOptions {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** Key and certificate to serve TLS with, PEM. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
  /** Told what was answered, and what went wrong. */
  readonly tell: (line: string) => void;
}

/** A witness that is served. */
export interface WitnessServer {
  readonly url: string;
  /** Ends it when the requests under way are answered. */
  close(): Promise<void>;
}

/** Serves a witness over HTTP: `POST /add-checkpoint`, and `GET /<SHA-256 of an origin>/checkpoint` for those who watch logs. */
export async function serveWitness(
  witness: Witness,
  options: WitnessServerOptions,
): Promise<WitnessServer | Problem> {
  const { host, port, tls, tell } = options;
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    void handle(witness, request, response, tell).catch((error: Error) => {
      tell(`scmictl: a request failed: ${error.message}`);
      if (!response.headersSent) reply(response, 500, "this witness cannot keep its state now");
      else response.destroy();
    });
  };
  const limits = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, maxHeaderSize: 8192 };
  const server =
    tls === undefined ? createServer(limits, answer) : createTlsServer({ ...limits, ...tls }, answer);
  const fault = await listening(server, host, port);
  if (fault !== null) return fault;
  const { port: served } = server.address() as AddressInfo;
  const name = host.includes(":") ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? "http" : "https"}://${name}:${served}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function listening(server: Server, host: string, port: number): Promise<Problem | null> {
  return new Promise((resolve) => {
    server.once("error", ({ code, message }: NodeJS.ErrnoException) => {
      resolve(
        code === "EADDRINUSE"
          ? problem("port-in-use", { host, port })
          : problem("address-unusable", { host, port, why: message }),
      );
    });
    server.listen({ host, port }, () => resolve(null));
  });
}

async function handle(
  witness: Witness,
  request: IncomingMessage,
  response: ServerResponse,
  tell: (line: string) => void,
): Promise<void> {
  const path = (request.url ?? "").replace(/\?.*$/s, "");
  if (path === "/add-checkpoint") {
    if (request.method !== "POST") return refuseMethod(response, "POST");
    const body = await bodyOf(request);
    if (body === null) {
      response.setHeader("connection", "close");
      return reply(response, 413, `a request has at most ${REQUEST_BYTES_MAX} bytes`);
    }
    const { status, body: text } = witness.addCheckpoint(body);
    tell(`${status} ${originIn(body)}${status === 200 ? "" : `: ${text.trim()}`}`);
    return reply(response, status, text, status === 409 ? SIZE : TEXT);
  }
  const hash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
  if (hash === undefined)
    return reply(
      response,
      404,
      `there is no ${path.slice(0, 200)} here; allowed are POST /add-checkpoint and GET /<SHA-256 of an origin>/checkpoint`,
    );
  if (request.method !== "GET" && request.method !== "HEAD") return refuseMethod(response, "GET, HEAD");
  const log = witness.logs().find(({ origin }) => createHash("sha256").update(origin).digest("hex") === hash);
  const checkpoint = log === undefined ? null : witness.checkpointOf(log.origin);
  if (checkpoint === null) return reply(response, 404, "no checkpoint of that log was cosigned here");
  return reply(response, 200, checkpoint);
}

/** The body as text, null: it is too long. What is no UTF-8 is refused later, for its replacement character. */
function bodyOf(request: IncomingMessage): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      // What comes behind is let go, so that the answer can still be read.
      if (bytes > REQUEST_BYTES_MAX) resolve(null);
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", reject);
  });
}

/** The log that a request is about, as far as it says so, for whoever reads what was answered. */
function originIn(body: string): string {
  const origin = /\n\n([^\n]*)/.exec(body)?.[1] ?? "";
  return origin === "" ? "(no origin)" : JSON.stringify(origin.slice(0, 200));
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader("allow", allowed);
  reply(response, 405, `allowed is ${allowed}`);
}

function reply(response: ServerResponse, status: number, text: string, type = TEXT): void {
  const body = text.endsWith("\n") ? text : `${text}\n`;
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
