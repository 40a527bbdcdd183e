import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RestHost } from "../support/rest.ts";

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start();
});
afterAll(() => host.end());

const reboot = (headers: Readonly<Record<string, string>>) => host.post("/v1/host/reboot", {}, headers);
const epoch = async () => (await host.get("/v1/host")).body.epoch as number;

test.each(["127.0.0.1", "localhost", "LocalHost", "[::1]"])(
  "a write to %s is taken, with its own Origin or none",
  async (name) => {
    const own = `${name}:${host.port}`;
    expect((await reboot({ host: own })).status).toBe(200);
    expect((await reboot({ host: own, origin: `http://${own}` })).status).toBe(200);
  },
);

test("a page of localhost may write to 127.0.0.1: both are this server", async () => {
  expect((await reboot({ origin: `http://localhost:${host.port}` })).status).toBe(200);
});

test.each([
  ["another site's page", { origin: "http://evil.example" }],
  ["a page of another port of this machine", { origin: "http://localhost:1" }],
  ["a page that came by TLS", { origin: "https://localhost" }],
  ["a sandboxed page or a file", { origin: "null" }],
  ["a name server that points its own name here", { host: "evil.example" }],
  ["such a name with our port", { host: "evil.example:7420" }],
  ["a name that only begins like ours", { host: "localhost.evil.example" }],
  ["a host without the port", { host: "localhost" }],
])("%s may not write", async (_who, headers) => {
  const before = await epoch();
  const answer = await reboot(headers);
  expect(answer).toMatchObject({ status: 403, body: { code: "origin-refused", seq: null } });
  expect(await epoch()).toBe(before);
});

test.each(["HTTP/1.0\r\n", "HTTP/1.1\r\nhost:\r\n"])(
  "a request without a Host may not write: %j",
  async (head) => {
    const text = await new Promise<string>((resolve) => {
      const socket = connect(host.port, "127.0.0.1", () =>
        socket.write(`POST /v1/host/reboot ${head}connection: close\r\n\r\n`),
      );
      let received = "";
      socket.on("data", (chunk) => (received += chunk));
      socket.on("close", () => resolve(received));
    });
    expect(text).toMatch(/^HTTP\/1\.1 403 /);
  },
);

test("no method writes past the check, whatever its path", async () => {
  for (const [method, path] of [
    ["POST", "/v1/domains"],
    ["PUT", "/v1/agents/2/devices/0"],
    ["DELETE", "/v1/domains/0"],
    ["POST", "/v1/replay"],
    ["POST", "/v1/projections/rebuild"],
    ["POST", "/v1/nowhere"],
    ["OPTIONS", "/v1/domains"],
  ] as const) {
    const answer = await host.ask(method, path, { body: {}, headers: { origin: "http://evil.example" } });
    expect([method, path, answer.status]).toEqual([method, path, 403]);
  }
});

test("another site's page is told nothing by which its browser would let it read", async () => {
  const { status, headers } = await host.get("/v1/host", { origin: "http://evil.example" });
  expect(status).toBe(200);
  expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
});
