import type { ServerResponse } from "node:http";
import { isProblem, type Problem } from "#base/problem.ts";
import { eventJson, type LoggedEvent } from "#events/logged.ts";
import type { ApiContext } from "./context.ts";
import { type EventFilter, readEvents } from "./event-pages.ts";
import { problemBody } from "./problem-json.ts";

/** Events that are read and written at once. */
const BATCH_EVENTS = 200;

/** What was written before a stream ended is given so long to be read. */
const UNREAD_MS = 1000;

export interface StreamOptions {
  /** Milliseconds between two signs of life on a stream where nothing happens. */
  readonly heartbeatMs: number;
}

/**
 * The open streams of server-sent events. A stream reads the log behind where it stands and waits for the next commit only once it
 * has read it all, so that no event falls between reading and waiting, and none comes twice. A reader that does not keep up
 * holds back its own stream and nothing else.
 */
export class EventStreams {
  readonly #context: ApiContext;
  readonly #options: StreamOptions;
  readonly #open = new Map<AbortController, Promise<void>>();

  constructor(context: ApiContext, options: StreamOptions) {
    this.#context = context;
    this.#options = options;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Ends every stream, each behind an event; a caller that does not read the rest is cut off. */
  async closeAll(): Promise<void> {
    for (const stream of this.#open.keys()) stream.abort();
    await Promise.all(this.#open.values());
  }

  /**
   * Streams events behind `after` until the caller goes away or the server closes.
   *
   * @param refusal why the caller may read no more, or null; asked again before everything that is sent
   */
  async stream(
    response: ServerResponse,
    after: number,
    filter: EventFilter,
    refusal: () => Problem | null,
  ): Promise<void> {
    const stream = new AbortController();
    const ended = this.#run(response, after, filter, refusal, stream);
    this.#open.set(stream, ended);
    await ended;
    this.#open.delete(stream);
  }

  async #run(
    response: ServerResponse,
    after: number,
    filter: EventFilter,
    refusal: () => Problem | null,
    stream: AbortController,
  ): Promise<void> {
    response.on("close", () => stream.abort());
    response.on("error", () => stream.abort());
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    });
    const commits = new Commits(this.#context, stream.signal);
    try {
      await this.#write(response, `retry: 1000\n: events behind ${after}\n\n`, stream.signal);
      await this.#follow(response, after, filter, refusal, commits, stream.signal);
    } finally {
      commits.stop();
      await ended(response);
    }
  }

  async #follow(
    response: ServerResponse,
    after: number,
    filter: EventFilter,
    refusal: () => Problem | null,
    commits: Commits,
    signal: AbortSignal,
  ): Promise<void> {
    let at = after;
    while (!signal.aborted) {
      commits.noted = false;
      const found = await readEvents(this.#context.reads, at, BATCH_EVENTS, filter, signal);
      const batch = refusal() ?? found;
      if (isProblem(batch)) {
        await this.#write(response, message("problem", problemBody(batch)), signal);
        return;
      }
      at = batch.upTo;
      const text = batch.events.map((event) => this.#messageOf(event)).join("");
      if (text !== "") await this.#write(response, text, signal);
      else if (!batch.hasMore && !(await commits.next(this.#options.heartbeatMs))) {
        await this.#write(response, ": still here\n\n", signal);
      }
    }
  }

  #messageOf(event: LoggedEvent): string {
    return message(event.type, eventJson(event, this.#context.control.namesAt(event.seq)), event.seq);
  }

  /** Resolves once the caller has room for more. */
  async #write(response: ServerResponse, text: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || response.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        response.off("drain", done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      response.on("drain", done);
      signal.addEventListener("abort", done);
    });
  }
}

/** Ends an answer. Who does not read it in time is cut off, and does not keep the server from closing. */
async function ended(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => response.destroy(), UNREAD_MS);
    response.on("close", () => {
      clearTimeout(timer);
      resolve();
    });
    if (response.destroyed) resolve();
    else response.end();
  });
}

/** Whether anything was committed since `noted` was set back, and the wait for it. */
class Commits {
  noted = false;
  #wake: (() => void) | null = null;
  readonly #signal: AbortSignal;
  readonly #unsubscribe: () => void;
  readonly #note = () => {
    this.noted = true;
    this.#wake?.();
  };

  constructor({ control }: ApiContext, signal: AbortSignal) {
    this.#signal = signal;
    this.#unsubscribe = control.onCommitted(this.#note);
    signal.addEventListener("abort", this.#note);
  }

  /** Waits for a commit, at most so long. False: none came. */
  async next(timeoutMs: number): Promise<boolean> {
    if (this.noted || this.#signal.aborted) return true;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
    return this.noted;
  }

  stop(): void {
    this.#unsubscribe();
    this.#signal.removeEventListener("abort", this.#note);
  }
}

function message(event: string, data: unknown, id?: number): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
