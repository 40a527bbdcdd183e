import http from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import { RestHost } from "../support/rest.ts";

interface Message {
  readonly id: string;
  readonly event: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they like
  readonly data: any;
}

/** A stream as EventSource reads it. */
class Listener {
  readonly messages: Message[] = [];
  comments = 0;
  status = 0;
  contentType = "";
  text = "";
  ended = false;
  /** Whether the answer ended where it says that it does, and was not cut off. */
  isWhole = false;
  #request: http.ClientRequest;
  #response: http.IncomingMessage | null = null;
  #rest = "";
  readonly opened: Promise<void>;

  constructor(port: number, path: string, headers: Readonly<Record<string, string>> = {}) {
    this.#request = http.get({ host: "127.0.0.1", port, path, headers, agent: false });
    this.opened = new Promise((resolve, reject) => {
      this.#request.on("error", reject);
      this.#request.on("response", (response) => {
        this.#response = response;
        this.status = response.statusCode ?? 0;
        this.contentType = response.headers["content-type"] ?? "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => this.#read(chunk));
        response.on("end", () => {
          this.ended = true;
          this.isWhole = response.complete;
        });
        response.on("error", () => (this.ended = true));
        resolve();
      });
    });
  }

  get ids(): number[] {
    return this.messages.map(({ id }) => Number(id));
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  stop(): void {
    this.#request.destroy();
  }

  async until(isThere: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + 10_000;
    while (!isThere()) {
      if (Date.now() > deadline) throw new Error(`${what}: ${this.messages.length} messages came`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #read(chunk: string): void {
    this.text += chunk;
    const blocks = (this.#rest + chunk).split("\n\n");
    this.#rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n");
      const field = (name: string) =>
        lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
      if (lines.some((line) => line.startsWith(":"))) this.comments += 1;
      const data = field("data");
      if (data !== undefined) {
        this.messages.push({ id: field("id") ?? "", event: field("event") ?? "", data: JSON.parse(data) });
      }
    }
  }
}

let host: RestHost;
const listeners: Listener[] = [];
beforeEach(async () => {
  host = await RestHost.start({ heartbeatMs: 40 });
  await host.guest("red", 2);
});
afterEach(async () => {
  for (const listener of listeners.splice(0)) listener.stop();
  await host.end();
});

async function listen(query = "", headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
  const listener = new Listener(host.port, `/v1/events/stream${query}`, headers);
  listeners.push(listener);
  await listener.opened;
  return listener;
}

const smc = () => host.post("/v1/domains/red/smc", { x: ["0x82000004"] });
/** Many SMCs with a whole page each, without HTTP between: more in all than what lies between two sockets. */
function bulk(count: number): Promise<unknown> {
  const command = {
    kind: "smc",
    domain: 1,
    x: [0x8200_0004n, 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    shmem: new Uint8Array(4096),
  } as const;
  const requester = { actor: "local", source: "rest", reason: null, request: null } as const;
  return Promise.all(Array.from({ length: count }, () => host.control.submit(command, requester)));
}

const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test("a stream starts from now, and each event comes with its seq and its type", async () => {
  const before = host.control.headSeq;
  const listener = await listen();
  expect(listener).toMatchObject({ status: 200, contentType: "text/event-stream; charset=utf-8" });
  await smc();
  await listener.until(() => listener.messages.length === 1, "the SMC");
  const [message] = listener.messages;
  expect(message).toMatchObject({ id: String(before + 1), event: "smc.forwarded" });
  expect(message?.data).toEqual((await host.get(`/v1/events/${before + 1}`)).body);
});

test("?after= starts behind a seq, and Last-Event-ID goes before it", async () => {
  const { headSeq } = host.control;
  const all = await listen("?after=0");
  await all.until(() => all.messages.length === headSeq, "the whole log");
  expect(all.ids).toEqual(from(1, headSeq));
  const resumed = await listen("?after=0", { "last-event-id": String(headSeq - 2) });
  await resumed.until(() => resumed.messages.length === 2, "the last two");
  expect(resumed.ids).toEqual([headSeq - 1, headSeq]);
});

test("filters are those of the list", async () => {
  const listener = await listen("?after=0&type=domain.created&domid=1");
  await listener.until(() => listener.messages.length === 1, "the guest");
  await smc();
  await host.post("/v1/domains/red/restart");
  await host.guest("blue", 3);
  const other = await listen("?after=0&type=domain.created");
  await other.until(() => other.messages.length === 4, "everybody");
  expect(listener.messages.map(({ data }) => data.data.name)).toEqual(["red"]);
  expect(other.messages.map(({ data }) => data.domid)).toEqual([0, 1, 2, 3]);
});

test("no gap and no double while writes go on and the caller comes and goes", async () => {
  const start = host.control.headSeq;
  let isWriting = true;
  const writers = Array.from({ length: 4 }, async () => {
    while (isWriting) await smc();
  });
  const seen: number[] = [];
  for (let round = 0; round < 12; round += 1) {
    const last = seen.at(-1) ?? start;
    const listener = await listen("", { "last-event-id": String(last) });
    await listener.until(() => listener.messages.length >= 15, "some events");
    listener.stop();
    // What had come by then is what the caller knows; it asks for what follows.
    seen.push(...listener.ids);
  }
  isWriting = false;
  await Promise.all(writers);
  const { headSeq } = host.control;
  const rest = await listen("", { "last-event-id": String(seen.at(-1)) });
  await rest.until(() => (rest.ids.at(-1) ?? seen.at(-1)) === headSeq, "the rest");
  seen.push(...rest.ids);
  expect(seen).toEqual(from(start + 1, headSeq));
});

test("many listeners get the same, each whole", async () => {
  const { headSeq } = host.control;
  const many = await Promise.all(Array.from({ length: 20 }, () => listen(`?after=${headSeq}`)));
  await Promise.all(Array.from({ length: 50 }, smc));
  for (const listener of many) {
    await listener.until(() => listener.messages.length === 50, "fifty SMCs");
    expect(listener.ids).toEqual(from(headSeq + 1, headSeq + 50));
  }
  expect((await host.get("/metrics")).body).toContain("scmi_event_streams 20\n");
});

test("a listener that does not read holds nobody back, and misses nothing", async () => {
  const slow = await listen("?after=0");
  slow.pause();
  await bulk(1500);
  const { headSeq } = host.control;
  // What waits for it stays in the log, not in the server.
  slow.resume();
  await slow.until(() => slow.ids.at(-1) === headSeq, "everything");
  expect(slow.ids).toEqual(from(1, headSeq));
});

test("a quiet stream shows that it lives", async () => {
  const listener = await listen();
  const before = listener.comments;
  await listener.until(() => listener.comments >= before + 3, "three heartbeats");
  expect(listener.messages).toEqual([]);
  await smc();
  await listener.until(() => listener.messages.length === 1, "the SMC");
});

test("streams end when the server closes", async () => {
  const listener = await listen();
  await listener.until(() => listener.comments > 0, "the beginning");
  await host.server.close();
  await listener.until(() => listener.ended, "the end");
  expect(listener.isWhole).toBe(true);
  await host.control.close();
  await host.open();
});

test("a listener that does not read does not keep the server from closing", async () => {
  const slow = await listen("?after=0");
  slow.pause();
  await bulk(1500);
  await new Promise((resolve) => setTimeout(resolve, 500));
  const began = performance.now();
  await host.server.close();
  expect(performance.now() - began).toBeLessThan(4000);
  await host.control.close();
  await host.open();
});

test("a stream that is left is forgotten", async () => {
  const listener = await listen();
  listener.stop();
  const count = async () => /scmi_event_streams (\d+)/.exec((await host.get("/metrics")).body)?.[1];
  for (let i = 0; i < 100 && (await count()) !== "0"; i += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await count()).toBe("0");
});

test.each(["x", "-1", "1.5", "99999999999999999999"])("a Last-Event-ID of %s is refused", async (id) => {
  const { status, body } = await host.get("/v1/events/stream", { "last-event-id": id });
  expect({ status, code: body.code }).toEqual({ status: 400, code: "request-invalid" });
});

test("a Last-Event-ID behind the log is another log's", async () => {
  const answer = await host.get("/v1/events/stream", { "last-event-id": "999999" });
  expect(answer).toMatchObject({ status: 404, body: { code: "seq-not-found" } });
});
