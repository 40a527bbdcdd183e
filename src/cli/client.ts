import { CLI_HEADER } from "#api/requester.ts";
import type { Errno } from "#base/errno.ts";
import { isProblem, Problem, problem } from "#base/problem.ts";
import type { ProblemCode } from "#base/problems.ts";
import { note } from "./output.ts";
import { QUIET_MS } from "./progress.ts";
import { VERSION } from "./version.ts";

/** What a body of the API says. */
export type Body = { readonly [field: string]: unknown };

/** Parameters of a query; what is undefined is left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

/** Whoever answers the reading calls: a server, or a log file. */
export interface Source {
  /** The body that `GET path` answers with. */
  get(path: string, query?: Query): Promise<Body | Problem>;
  /** What `GET path` answers with, where that is no JSON. */
  bytes(path: string, query?: Query): Promise<Uint8Array | Problem>;
  close(): Promise<void>;
}

/** A server over HTTP. */
export class Client implements Source {
  readonly #url: string;
  readonly #token: string | undefined;

  /**
   * @param url of the server, without `/v1`
   * @param token sent as a bearer, if there is one
   */
  constructor(url: string, token: string | undefined) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  get(path: string, query: Query = {}): Promise<Body | Problem> {
    return this.#call("GET", path + queryText(query), undefined, {});
  }

  async bytes(path: string, query: Query = {}): Promise<Uint8Array | Problem> {
    const response = await this.#fetch("GET", path + queryText(query), undefined, {});
    if (isProblem(response)) return response;
    if (!response.ok) return this.#bodyOf(response).then(asProblem);
    return new Uint8Array(await response.arrayBuffer());
  }

  /** @param idempotencyKey repeats of a call with the same key do nothing and get the same answer */
  send(
    method: "POST" | "PUT" | "DELETE",
    path: string,
    body: Body | undefined,
    idempotencyKey: string | undefined,
  ): Promise<Body | Problem> {
    return this.#call(
      method,
      path,
      body,
      idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey },
    );
  }

  /** Opens the stream of events behind `lastSeq`, or from now on. */
  async stream(query: Query, lastSeq: number | null): Promise<ReadableStream<Uint8Array> | Problem> {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (lastSeq !== null) headers["last-event-id"] = String(lastSeq);
    const response = await this.#fetch("GET", `/v1/events/stream${queryText(query)}`, undefined, headers);
    if (isProblem(response)) return response;
    if (!response.ok || response.body === null) return this.#bodyOf(response).then(asProblem);
    return response.body;
  }

  /** The body of `GET path`, as it comes. */
  async download(path: string, query: Query): Promise<ReadableStream<Uint8Array> | Problem> {
    const response = await this.#fetch("GET", path + queryText(query), undefined, {});
    if (isProblem(response)) return response;
    if (!response.ok || response.body === null) return this.#bodyOf(response).then(asProblem);
    return response.body;
  }

  async close(): Promise<void> {
    // Nothing is open between two calls.
  }

  async #call(
    method: string,
    path: string,
    body: Body | undefined,
    headers: Record<string, string>,
  ): Promise<Body | Problem> {
    const response = await this.#fetch(method, path, body, headers);
    return isProblem(response) ? response : this.#bodyOf(response);
  }

  async #fetch(
    method: string,
    path: string,
    body: Body | undefined,
    headers: Record<string, string>,
  ): Promise<Response | Problem> {
    const slow = setTimeout(() => note(`scmictl: waiting for ${this.#url} …`), QUIET_MS).unref();
    try {
      return await fetch(this.#url + path, {
        method,
        headers: {
          ...headers,
          [CLI_HEADER]: VERSION,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      return problem("server-unreachable", { url: this.#url, why: whyNot(error as Error) });
    } finally {
      clearTimeout(slow);
    }
  }

  async #bodyOf(response: Response): Promise<Body | Problem> {
    const body = bodyOf(response.status, await response.text());
    if (body !== null) return body;
    const why = `what answers (HTTP ${response.status}) is not this program's server`;
    return problem("server-unreachable", { url: this.#url, why });
  }
}

/** The body of an answer, or the refusal that it is; null: it is neither. */
export function bodyOf(status: number, text: string): Body | Problem | null {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof body !== "object" || body === null) return null;
  return status < 400 ? (body as Body) : remoteProblem(body as RemoteProblem, status);
}

/** As `application/problem+json` has it; whatever is missing is made up for. */
interface RemoteProblem {
  readonly code?: ProblemCode;
  readonly detail?: string;
  readonly title?: string;
  readonly hint?: string;
  readonly errno?: Errno | null;
  readonly seq?: number | null;
}

function remoteProblem(remote: RemoteProblem, status: number): Problem {
  const { code = "internal-error", title = `the server answered with HTTP ${status}`, hint = "" } = remote;
  return new Problem(code, remote.detail ?? title, hint, remote.errno ?? null, remote.seq ?? null);
}

function asProblem(body: Body | Problem): Problem {
  return isProblem(body) ? body : problem("internal-error", { what: "the server sent no stream of events" });
}

/** A query as a URL has it, with its question mark, or nothing. */
export function queryText(query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return given.length === 0 ? "" : `?${given.join("&")}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "there is no such host",
  ECONNRESET: "it closed the connection",
  UND_ERR_SOCKET: "it closed the connection",
  UND_ERR_CONNECT_TIMEOUT: "it did not answer in time",
  UND_ERR_HEADERS_TIMEOUT: "it did not answer in time",
};

/** fetch says what went wrong in the cause. */
function whyNot(error: Error): string {
  const { code, message } = (error.cause ?? error) as { code?: string; message?: string };
  return REASONS[code ?? ""] ?? (message || code || error.message);
}
