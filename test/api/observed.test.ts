import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { kernelTrace } from "../support/kernel-trace.ts";
import { RestHost } from "../support/rest.ts";
import { serveBoard } from "../support/scmictl.ts";
import { twoGuests } from "../support/two-guests.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "scmi-observed-"));
const at = (name: string) => join(FOLDER, name);
const XEN = `(XEN) scmi: Acquire channel id = 0x2, domain_id = 1 paddr = 0x47ff2000
(XEN) scmi: could not assign dev for d1 agent:2 dev_id:7 (-13)
`;

/** Servers over what two kernels' traces, and Xen's console, hold. */
let kernels: RestHost;
let xen: RestHost;

beforeAll(async () => {
  const board = await twoGuests();
  writeFileSync(at("red.log"), kernelTrace(board, 2, "tp_printk"));
  writeFileSync(at("blue.log"), kernelTrace(board, 3, "trace-with-ids"));
  writeFileSync(at("xen.log"), XEN);
  const agents = ["--agent", `2=${at("red.log")}`, "--agent", `3=${at("blue.log")}`];
  expect(await inProcess(["import", "ftrace", ...agents, "--db", at("kernels.db")])).toMatchObject({
    status: 0,
  });
  expect(await inProcess(["import", "xen-log", at("xen.log"), "--db", at("xen.db")])).toMatchObject({
    status: 0,
  });
  kernels = await RestHost.ofLog(at("kernels.db"));
  xen = await RestHost.ofLog(at("xen.db"));
});
afterAll(async () => {
  await kernels.end();
  await xen.end();
  rmSync(FOLDER, { recursive: true, force: true });
});

describe("what was observed", () => {
  test("is listed, filtered and paged like any events, decoded and in words", async () => {
    const all = await kernels.get("/v1/events?limit=1000");
    expect(all.status).toBe(200);
    const types = all.body.items.map(({ type }: { type: string }) => type);
    expect(types[0]).toBe("trace.imported");
    expect(types.filter((type: string) => type === "trace.imported")).toHaveLength(2);

    const blue = await kernels.get("/v1/events?agentId=3&type=scmi.observed&limit=3");
    expect(blue.body.items).toHaveLength(3);
    expect(blue.body.items[0]).toMatchObject({
      ...{ type: "scmi.observed", agentId: 3, actor: "import", source: "import" },
      text: "observed: base PROTOCOL_VERSION → SUCCESS: version 2.0",
      data: { kind: "exchange", decoded: { protocol: "base", response: { status: "SUCCESS" } } },
    });
    const { next } = blue.body;
    const more = await kernels.get(`/v1/events?agentId=3&type=scmi.observed&limit=3&after=${next}`);
    expect(more.body.items[0].seq).toBeGreaterThan(blue.body.items[2].seq);

    const first = await kernels.get("/v1/events/1");
    expect(first.body).toMatchObject({ type: "trace.imported", data: { source: "ftrace", file: "red.log" } });
    const said = await xen.get("/v1/events?type=xen.observed");
    expect(said.body.items).toMatchObject([
      { agentId: 2, data: { message: "channel-acquired", fields: { domid: 1 } } },
      { text: expect.stringContaining("could not assign dev"), data: { fields: { errno: "EACCES" } } },
    ]);
  });

  test("has no state, no agents, no domains, no permissions: nobody here decided any", async () => {
    const { body, status } = await kernels.get("/v1/state");
    expect(status).toBe(200);
    expect(body.at).toBe(kernels.control.headSeq);
    expect((await kernels.get("/v1/state?at=1")).body.stateHash).toBe(body.stateHash);
    expect((await kernels.get(`/v1/state/diff?from=1&to=${body.at}`)).body.patch).toEqual([]);
    for (const list of ["agents", "domains", "devices", "permissions", "permissions/history"]) {
      const answer = await kernels.get(`/v1/${list}`);
      expect([list, answer.status, answer.body.items]).toEqual([list, 200, []]);
    }
    expect(await kernels.get("/v1/agents/2")).toMatchObject({
      status: 404,
      body: { code: "agent-not-found" },
    });
    expect(await kernels.get("/v1/domains/1")).toMatchObject({
      status: 404,
      body: { code: "domain-not-found" },
    });
  });

  test("verifies, is audited, rebuilds its tables, and is counted", async () => {
    const { headSeq } = kernels.control;
    const replayed = await kernels.post("/v1/replay", {});
    expect(replayed.body).toMatchObject({ events: headSeq, divergences: [] });
    expect(await kernels.get("/v1/audit")).toMatchObject({ status: 200 });
    expect(await kernels.post("/v1/projections/rebuild", {})).toMatchObject({ body: { identical: true } });
    expect(await kernels.get("/healthz")).toMatchObject({ status: 200 });
    expect((await kernels.get("/readyz")).body).toEqual({ status: "ready", headSeq });
    const { body } = await kernels.get("/metrics");
    expect(body).toContain(`scmi_log_head_seq ${headSeq}\n`);
    expect(body).toContain("scmi_host_epoch 0\n");
  });
});

describe("what needs a host", () => {
  const refusal = {
    status: 409,
    body: {
      code: "log-observed",
      detail: "this log holds what was observed on a real machine, and has no host",
      hint: expect.stringContaining("scmictl compare"),
    },
  };

  test.each([
    ["POST", "/v1/host/reboot", {}],
    ["POST", "/v1/domains", { name: "red", sci: { type: "none" } }],
    ["DELETE", "/v1/domains/1", undefined],
    ["POST", "/v1/domains/1/restart", {}],
    ["POST", "/v1/domains/1/smc", { x: ["0x82000004"] }],
    ["POST", "/v1/domains/1/scmi", { protocol: "base", message: "PROTOCOL_VERSION", params: {} }],
    ["PUT", "/v1/agents/2/devices/1", { allowed: true }],
    ["POST", "/v1/agents/2/reset", { permissions: true }],
    ["PUT", "/v1/sensors/0", { readings: [1] }],
    ["GET", "/v1/host", undefined],
    ["GET", "/v1/host/export/overlay", undefined],
    ["GET", "/v1/agents/2/export/xlcfg", undefined],
  ])("%s %s is refused, and changes nothing", async (method, path, body) => {
    const { headSeq, stateHash } = kernels.control;
    expect(await kernels.ask(method, path, { body })).toMatchObject(refusal);
    expect(await kernels.ask(method, path, { body, headers: { "idempotency-key": path } })).toMatchObject(
      refusal,
    );
    expect([kernels.control.headSeq, kernels.control.stateHash]).toEqual([headSeq, stateHash]);
  });

  test("a request that makes no sense is told so as ever", async () => {
    const answer = await kernels.post("/v1/domains", { nonsense: 1 });
    expect(answer).toMatchObject({ status: 400, body: { code: "request-invalid" } });
  });
});

test("a server that is started on such a log says what it serves, and the log's events stay as they are", async () => {
  const served = await serveBoard(["--db", at("xen.db")]);
  expect(served.banner).toContain("none: the log holds what was observed on a real machine");
  expect(served.banner).toContain("3 events");
  const answer = await fetch(`${served.url}/v1/events?type=xen.observed`);
  expect(await answer.json()).toMatchObject({ items: { length: 2 } });
  expect(await served.end()).toBe(0);
  const { stdout } = await inProcess(["replay", "--db", at("xen.db")]);
  expect(stdout).toContain("3 events replayed");
  expect(existsSync(at("xen.db-wal"))).toBe(false);
});
