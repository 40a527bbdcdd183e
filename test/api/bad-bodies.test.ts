import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RestHost } from "../support/rest.ts";
import { runs } from "../support/runs.ts";

let host: RestHost;
beforeAll(async () => {
  host = await RestHost.start();
  await host.guest("red", 2);
});
afterAll(() => host.end());

/** Every call with a body, and a body that it takes. */
const WRITES: readonly (readonly [method: string, path: string, body: Readonly<Record<string, unknown>>])[] =
  [
    ["POST", "/v1/host/reboot", { cause: "reboot", reason: "x" }],
    ["POST", "/v1/agents/2/reset", { permissions: true }],
    ["PUT", "/v1/agents/2/devices/1", { allowed: true }],
    [
      "POST",
      "/v1/domains",
      {
        name: "x",
        sci: { type: "none", agentId: 0 },
        dtdev: [],
        passthrough: false,
        uuid: "00000000-0000-4000-8000-000000000001",
      },
    ],
    ["POST", "/v1/domains", { xlcfg: 'name = "x"' }],
    ["DELETE", "/v1/domains/red", { reason: "x" }],
    ["POST", "/v1/domains/red/restart", { reason: "x" }],
    ["POST", "/v1/domains/red/shutdown", { reason: "poweroff" }],
    ["POST", "/v1/domains/red/devices", { path: "/soc/gpu@20000000" }],
    ["POST", "/v1/domains/red/smc", { x: ["0x82000004", 1], shmem: "00000000" }],
    [
      "POST",
      "/v1/domains/red/scmi",
      { protocol: "clock", message: "CLOCK_RATE_GET", params: { clockId: 1 } },
    ],
    ["POST", "/v1/domains/red/scmi", { protocol: 20, message: 6, payload: "01000000" }],
  ];

/** Values that are wrong in some way that somebody thought of. */
const odd = fc.constantFrom<unknown>(null, "", [], {}, -1, 1.5, 1e308, 2 ** 53, "0x", "ÿ\u0000", true, [[]], {
  toString: 1,
});
const anything = fc.oneof(odd, fc.jsonValue({ maxDepth: 3 }));

/** A body that fits but for one or two fields, or one that has nothing to do with it. */
const requests = fc.constantFrom(...WRITES).chain(([method, path, body]) =>
  fc.record({
    method: fc.constant(method),
    path: fc.constant(path),
    body: fc.oneof(
      anything,
      fc
        .tuple(fc.constantFrom(...Object.keys(body), "extra", "__proto__", "constructor"), anything)
        .map(([field, value]) =>
          JSON.parse(
            JSON.stringify(body).replace(/}$/, `,${JSON.stringify(field)}:${JSON.stringify(value)}}`),
          ),
        ),
      fc.constantFrom(...Object.keys(body)).map((field) => ({ ...body, [field]: undefined })),
    ),
  }),
);

test("whatever JSON comes, the answer is a result or a problem, and the server goes on", async () => {
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, path, body }) => {
      const { status, headers, body: answer } = await host.ask(method, path, { body });
      expect(status, JSON.stringify(answer)).toBeLessThan(500);
      if (status < 400) return;
      expect(headers["content-type"]).toBe("application/problem+json");
      expect(answer).toMatchObject({ status, code: expect.any(String), detail: expect.any(String) });
    }),
    { numRuns: runs(150, 20_000) },
  );
  expect((await host.get("/readyz")).status).toBe(200);
});

test("whatever text comes as a path or a query, the answer is a result or a problem", async () => {
  const path = fc
    .tuple(
      fc.constantFrom(
        "/v1/domains/",
        "/v1/agents/",
        "/v1/events/",
        "/v1/permissions?at=",
        "/v1/events?after=",
        "/v1/state?at=",
        "/v1/",
      ),
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 30 }).map(encodeURIComponent),
        fc.string({ unit: fc.constantFrom(..."%/?&=#.;:0x1~") }),
      ),
    )
    .map(([prefix, rest]) => prefix + rest.replaceAll("#", "%23"))
    // What is no URI at all does not leave the client.
    .filter((text) => !text.includes("stream"));
  await fc.assert(
    fc.asyncProperty(path, async (text) => {
      const { status } = await host.get(text);
      expect(status).toBeLessThan(500);
    }),
    { numRuns: runs(100, 5000) },
  );
});

test("SMCs with any registers and any page are answered", async () => {
  const registers = fc.array(
    fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((x) => `0x${x.toString(16)}`),
    { maxLength: 8 },
  );
  const page = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("hex"));
  await host.post("/v1/domains", { name: "any", sci: { type: "scmi_smc_multiagent", agentId: 3 } });
  await fc.assert(
    fc.asyncProperty(registers, fc.boolean(), fc.option(page, { nil: undefined }), async (x, ring, shmem) => {
      const given = ring ? ["0x82000005", ...x.slice(1)] : x;
      const { status, body } = await host.post("/v1/domains/any/smc", { x: given, shmem });
      expect(status).toBe(200);
      expect(body.x).toHaveLength(4);
    }),
    { numRuns: runs(75, 10_000) },
  );
  const verified = (await host.post("/v1/replay")).body;
  expect(verified).toMatchObject({ divergences: [], stateHash: host.control.stateHash });
});
