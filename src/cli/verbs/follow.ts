import { setTimeout as sleep } from "node:timers/promises";
import { isProblem, type Problem } from "#base/problem.ts";
import { type Body, Client, type Query, type Source } from "../client.ts";
import { type LogOptions, printEvent } from "../logs/events.ts";
import { note } from "../output.ts";
import { itemsOf } from "../show.ts";

/** A log file is asked again this often; a server tells by itself. */
const POLL_MS = 200;
/** A lost server is tried again this often. */
const RETRY_MS = 1000;

/** Prints events as they are recorded, until the program is ended. Returns only where it could not begin. */
export function follow(source: Source, filter: Query, options: LogOptions): Promise<Problem> {
  return source instanceof Client
    ? followServer(source, filter, options)
    : followFile(source, filter, options);
}

async function followServer(client: Client, filter: Query, options: LogOptions): Promise<Problem> {
  let lastSeq = options.after ?? null;
  let isLost = false;
  for (;;) {
    const stream = await client.stream(filter, lastSeq);
    if (isProblem(stream)) {
      // Only a server that was there once is waited for, and only while it does not answer at all.
      if (!isLost || stream.code !== "server-unreachable") return stream;
    } else {
      if (isLost) note("scmictl: the server is back");
      isLost = false;
      try {
        for await (const event of events(stream)) {
          lastSeq = event["seq"] as number;
          await printEvent(event, options);
        }
      } catch {
        // The connection broke: the next one goes on behind the last event.
      }
    }
    if (!isLost) note("scmictl: the server is gone; waiting for it");
    isLost = true;
    await sleep(RETRY_MS);
  }
}

/** The events of a stream of server-sent events. */
async function* events(stream: ReadableStream<Uint8Array>): AsyncGenerator<Body> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(
    new TextDecoderStream() as never,
  ) as unknown as AsyncIterable<string>) {
    const blocks = (rest + chunk).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trimStart());
      if (data.length > 0) yield JSON.parse(data.join("\n")) as Body;
    }
  }
}

async function followFile(source: Source, filter: Query, options: LogOptions): Promise<Problem> {
  let after = options.after;
  if (after === undefined) {
    const host = await source.get("/v1/host");
    if (isProblem(host)) return host;
    after = host["headSeq"] as number;
  }
  for (;;) {
    const page = await source.get("/v1/events", { ...filter, after });
    if (isProblem(page)) return page;
    for (const event of itemsOf(page)) {
      after = event["seq"] as number;
      await printEvent(event, options);
    }
    if (page["next"] === null) await sleep(POLL_MS);
  }
}
