import { once } from "node:events";
import http from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createServer, DEFAULT_ADDRESS } from "#api/server.ts";
import { RestHost, whole } from "../support/rest.ts";

let host: RestHost;
beforeEach(async () => {
  host = await RestHost.start();
});
afterEach(() => host.end());

async function another() {
  return whole(await createServer({ control: host.control, program: "test", logLevel: "silent" }));
}

test("the default address is loopback's port 7420", () => {
  expect(DEFAULT_ADDRESS).toEqual({ host: "127.0.0.1", port: 7420 });
});

test("a port that is taken is a problem with a hint, and the server can be closed", async () => {
  const second = await another();
  expect(await second.listen({ host: "127.0.0.1", port: host.port })).toMatchObject({
    code: "port-in-use",
    detail: `port ${host.port} of 127.0.0.1 is in use`,
    hint: expect.stringContaining("--port"),
  });
  await second.close();
  expect((await host.get("/healthz")).status).toBe(200);
});

test.each(["0.0.0.0", "::", "192.0.2.1", "example.org", "", "127.0.0.1.example.org"])(
  "%j is not listened on while there are no tokens",
  async (name) => {
    const second = await another();
    expect(await second.listen({ host: name, port: 0 })).toMatchObject({ code: "tokens-needed" });
    await second.close();
  },
);

test.each(["localhost", "127.0.0.2", "::1"])(
  "%s is loopback: it is listened on, and may be written to",
  async (name) => {
    const second = await another();
    const url = await second.listen({ host: name, port: 0 });
    if (typeof url !== "string") {
      // A machine without IPv6.
      expect(url).toMatchObject({ code: "address-unusable" });
    } else {
      const answer = await fetch(`${url}/v1/host/reboot`, { method: "POST" });
      expect(answer.status).toBe(200);
    }
    await second.close();
  },
);

test("closing finishes the requests under way, and takes no more", async () => {
  const socket = connect(host.port, "127.0.0.1");
  const received = new Promise<string>((resolve) => {
    let text = "";
    socket.on("data", (chunk) => (text += chunk));
    socket.on("close", () => resolve(text));
  });
  socket.write(begunReboot(host.port));
  await isUnderWay(socket);
  const closing = host.server.close();
  await vi.waitUntil(() => host.get("/healthz").then(() => false, isRefused), 10_000);
  socket.write("{}");
  const text = await received;
  await closing;
  expect(text).toMatch(/^HTTP\/1\.1 200 /m);
  expect(text).toContain('"epoch":2');
});

test("a request on an open connection, once it closes, is told so", async () => {
  const agent = new http.Agent({ keepAlive: true });
  const ask = (path: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      http
        .get({ host: "127.0.0.1", port: host.port, path, agent }, (response) => {
          let text = "";
          response.on("data", (chunk) => (text += chunk));
          response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
        })
        .on("error", reject);
    });
  expect((await ask("/healthz")).status).toBe(200);
  // Something under way keeps the server from closing for a while.
  const busy = connect(host.port, "127.0.0.1");
  busy.write(begunReboot(host.port));
  await isUnderWay(busy);
  const [answer] = await Promise.all([
    ask("/healthz").catch((error) => error),
    host.server.close(),
    busy.destroy(),
  ]);
  // The connection may be gone already, but an answer there is is one of these.
  if (!(answer instanceof Error)) expect([200, 503]).toContain(answer.status);
});

test("a log that is gone cannot be served", async () => {
  const { control } = host;
  const elsewhere = Object.create(control, { file: { value: `${host.folder}/none.db` } });
  expect(await createServer({ control: elsewhere, program: "test" })).toMatchObject({
    code: "log-not-found",
  });
});

/** A request whose body is still to come. The server says 100 once it has begun with it. */
function begunReboot(port: number): string {
  return (
    `POST /v1/host/reboot HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nexpect: 100-continue\r\n` +
    "content-type: application/json\r\ncontent-length: 2\r\n\r\n"
  );
}

async function isUnderWay(socket: Socket): Promise<void> {
  const [first] = (await once(socket, "data")) as [Buffer];
  expect(String(first)).toMatch(/^HTTP\/1\.1 100 /);
}

function isRefused(error: NodeJS.ErrnoException): boolean {
  return error.message.includes("ECONNREFUSED");
}
