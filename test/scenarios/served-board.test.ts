import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { type Run, type ServedBoard, scratchFolder, serveBoard } from "../support/scmictl.ts";
import { TWO_GUESTS } from "../support/two-guests.ts";

const GPU = "/soc/gpu@20000000";

const folder = scratchFolder();
const db = join(folder.path, "host.db");
let server: ServedBoard;

beforeAll(async () => {
  server = await serveBoard(["--board", TWO_GUESTS, "--db", db]);
});
afterAll(async () => {
  await server.end("SIGKILL");
  folder.remove();
});

/** Runs a verb against the server; that an answer takes its time, on a busy machine, is nothing to fail for. */
async function ask(...args: string[]): Promise<Run> {
  const run = await inProcess([...args, "--url", server.url]);
  return { ...run, stderr: run.stderr.replaceAll(/^scmictl: waiting for .*\n/gm, "") };
}

// biome-ignore lint/suspicious/noExplicitAny: answers of every kind
async function json(...args: string[]): Promise<any> {
  const { status, stdout, stderr } = await ask(...args, "--json");
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("a start says what was booted, where the log is, and the URL", () => {
  expect(server.banner).toMatch(/^host: +two-guests, epoch 1, firmware profile v32$/m);
  expect(server.banner).toMatch(/^mediator: +multi-agent \(v10\), probed \(event \d+\)$/m);
  expect(server.banner).toMatch(/^domains: +0 Domain-0 \(agent 0\)$/m);
  expect(server.banner).toContain(`${db}, 11 events`);
  expect(server.banner).toMatch(/^url: +http:\/\/127\.0\.0\.1:\d+$/m);
});

describe("a guest's life over the command line", () => {
  test("it is created from its xl.cfg, and listed with what it holds", async () => {
    const red = await json("domain", "create", "examples/two-guests/red.cfg", "--reason", "a tour");
    expect(red).toMatchObject({
      domid: 1,
      name: "red",
      agentId: 2,
      devices: [{ path: GPU, deviceIds: [1] }],
    });
    expect(await json("domain", "show", "red")).toEqual(red);
    expect(await json("domain", "show", red.uuid)).toEqual(red);
    const { items } = await json("domain", "list");
    expect(items.map(({ name }: { name: string }) => name)).toEqual(["Domain-0", "red"]);
    expect((await ask("domain")).stdout).toMatch(
      /^1 +red +running +toolstack +scmi_smc_multiagent +2 +\/soc\/gpu/m,
    );
  });

  test("or field by field", async () => {
    // Without the IOMMU, which is there by default only where devices are named, no device could be assigned.
    const args = ["domain", "create", "--name", "blue", "--agent", "3", "--passthrough"];
    expect(await json(...args)).toMatchObject({ domid: 2, name: "blue", agentId: 3, devices: [] });
    const assigned = await json("domain", "assign", "blue", "/soc/i2c@10001000");
    expect(assigned).toMatchObject({ path: "/soc/i2c@10001000", deviceIds: [0] });
  });

  test("a refusal has a detail, a hint, the code, the errno, the event, and status 1", async () => {
    const { status, stdout, stderr } = await ask("domain", "create", "--name", "third", "--agent", "3");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^scmictl: domain third was not created: agent 3 is held by domain 2$/m);
    expect(stderr).toMatch(/^hint: /m);
    expect(stderr).toMatch(/^code: domain-creation-refused, errno: EEXIST, recorded as event \d+$/m);
    const { status: unknown, stderr: why } = await ask(
      "domain",
      "create",
      "--name",
      "x",
      "--uuid",
      "nonsense",
    );
    expect(unknown).toBe(1);
    expect(why).toMatch(/^code: request-invalid$/m);
  });

  test("it talks SCMI, typed or register by register; what firmware or Xen refuse is status 1", async () => {
    const rate = await json("scmi", "red", "clock", "CLOCK_RATE_GET", "clockId=1");
    expect(rate).toMatchObject({ status: "SUCCESS", result: { rate: "0x17d78400" } });
    const refused = await ask(
      "scmi",
      "blue",
      "clock",
      "CLOCK_RATE_SET",
      "clockId=1",
      "flags=0",
      "rate=100000000",
    );
    expect(refused.status).toBe(1);
    expect(refused.stdout).toMatch(/^status: +DENIED$/m);
    const smc = await json("smc", "red", "0x82000004", "7", "--shmem", "00".repeat(28));
    expect(smc).toMatchObject({ handled: true });
    const foreign = await ask("smc", "red", "0x82000003");
    expect(foreign.status).toBe(1);
    expect(foreign.stdout).toContain("nobody knows this call");
  });

  test("permissions: who has what, since when, and why", async () => {
    const { items } = await json("permissions");
    expect(items).toContainEqual(expect.objectContaining({ agentId: 2, deviceId: 1, allowed: true }));
    expect(await json("permissions", "set", "2", "0", "allow", "--reason", "debugging")).toMatchObject({
      status: "SUCCESS",
    });
    const explained = await json("explain", "2", "0");
    expect(explained).toMatchObject({ allowed: true });
    expect(explained.chain.at(-1)).toMatchObject({
      cause: "permission.set",
      actor: "local",
      reason: "debugging",
    });
    expect((await ask("explain", "2", "0")).stdout).toContain("agent 2 may use device 0");
    const changes = (await json("history", "--domain", "red", "--device", "0")).items;
    expect(changes).toMatchObject([
      { agentId: 2, deviceId: 0, allowed: true, domid: 1, reason: "debugging" },
    ]);
    expect(await json("agent", "reset", "2", "--keep-permissions")).toMatchObject({ status: "SUCCESS" });
    expect((await ask("permissions", "set", "2", "99", "allow")).status).toBe(1);
  });

  test("it restarts, reboots itself, and goes", async () => {
    expect(await json("domain", "restart", "red")).toMatchObject({ name: "red", domid: 4 });
    expect(await json("domain", "shutdown", "red", "reboot")).toMatchObject({ name: "red", domid: 5 });
    expect(await json("domain", "destroy", "5", "--reason", "done")).toMatchObject({ state: "destroyed" });
    expect((await json("domain", "list")).items).toHaveLength(2);
    expect((await json("domain", "list", "--state", "destroyed")).items.length).toBe(3);
    expect((await ask("domain", "destroy", "red")).status).toBe(1);
  });

  test("a write with an Idempotency-Key is done once", async () => {
    const args = ["domain", "create", "--name", "once", "--idempotency-key", "key-1"];
    const first = await json(...args);
    expect(await json(...args)).toEqual(first);
    const { status, stderr } = await ask("domain", "create", "--name", "other", "--idempotency-key", "key-1");
    expect(status).toBe(1);
    expect(stderr).toContain("idempotency-key-reused");
    expect(await json("domain", "destroy", "once")).toMatchObject({ state: "destroyed" });
  });

  test("the host reboots", async () => {
    expect(await json("host", "reboot", "--cause", "crash", "--reason", "a test")).toMatchObject({
      epoch: 2,
    });
    expect(await json("host")).toMatchObject({ name: "two-guests", epoch: 2, findings: [] });
    expect((await ask("host")).stdout).toMatch(/^findings: +none$/m);
    expect((await json("domain")).items).toHaveLength(1);
  });
});

describe("the log", () => {
  test("is listed whole, or by filter; with --json a line each", async () => {
    const { stdout } = await ask("log", "--json");
    const events = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
    const { headSeq } = await json("host");
    expect(events).toHaveLength(headSeq);
    const created = await ask("log", "--type", "domain.created", "--agent", "2", "--limit", "1");
    expect(created.stdout.trim()).toMatch(
      /^\d+ +\S+ +domain\.created +domid 1 +agent 2 +red created, agent 2 +by local +\(a tour\)$/,
    );
    expect(events.find(({ type }) => type === "domain.created" && type !== undefined)).toMatchObject({
      source: "boot",
    });
    expect(events.find(({ reason }) => reason === "a tour")).toMatchObject({ source: "cli" });
  });

  test("is followed: what is recorded from now on comes without being asked for", async () => {
    const follower = spawn(process.execPath, [
      "bin/scmictl.js",
      "log",
      "--follow",
      "--json",
      "--url",
      server.url,
    ]);
    let told = "";
    follower.stdout.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    // The stream opens when the program is up: whatever comes is what was written while it was open.
    const isTold = async () => {
      await json("agent", "reset", "3");
      return told.split("\n").length;
    };
    await expect.poll(isTold, { timeout: 30_000 }).toBeGreaterThan(1);
    follower.kill();
    const [first] = told.split("\n");
    expect(JSON.parse(first as string)).toMatchObject({ commandId: expect.any(Number), source: "cli" });
  });

  test("replays without a divergence", async () => {
    const report = await json("replay");
    expect(report).toMatchObject({ divergences: [] });
    expect(report.stateHash).toBe(report.liveStateHash);
    expect((await ask("replay")).stdout).toContain("no divergence");
  });

  test("tells the state of a moment, and what changed between two", async () => {
    const state = await json("state", "--at", "11");
    expect(state).toMatchObject({ at: 11, stateHash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const { patch } = await json("diff", "--from", "11", "--to", "12");
    expect(patch.length).toBeGreaterThan(0);
    expect((await ask("diff", "--from", "11", "--to", "12")).stdout).toMatch(
      /^from event 11 to event 12: \d+ changes$/m,
    );
  });
});

/** Verbs that read, from a server or from a file. */
const READS = [
  ["host"],
  ["agent"],
  ["agent", "show", "2"],
  ["domain", "--all"],
  ["domain", "show", "0"],
  ["device"],
  ["permissions", "--all"],
  ["permissions", "--at", "15"],
  ["history"],
  ["history", "--domain", "red"],
  ["explain", "2", "1", "--at", "15"],
  ["log"],
  ["state", "--at", "20"],
  ["diff", "--from", "11", "--to", "20"],
];

describe("beside the server, from the file itself", () => {
  test.each(READS.map((args) => [args.join(" "), ...args]))("%s says the same", async (_, ...args) => {
    const fromFile = await inProcess([...args, "--json", "--db", db]);
    expect(fromFile).toMatchObject({ status: 0, stderr: "" });
    expect(fromFile).toEqual(await ask(...args, "--json"));
  });

  test("replay, and a script that forks the log", async () => {
    const { status, stdout } = await inProcess(["replay", "--json", "--db", db]);
    expect({ status, ...JSON.parse(stdout) }).toMatchObject({ status: 0, divergences: [] });
    const input = '{"do":"domain.destroy","domid":"red"}\n';
    const forked = await inProcess(["simulate", "--db", db, "--at", "12"], { input });
    expect(forked.status).toBe(0);
    expect(JSON.parse(forked.stdout)).toMatchObject({ ok: true, result: { name: "red", domid: 1 } });
    // The server goes on writing.
    expect(await json("agent", "reset", "3")).toMatchObject({ status: "SUCCESS" });
  });

  test("a second server is refused: by the log, and by the port before there is a log", async () => {
    const same = await inProcess(["serve", "--board", TWO_GUESTS, "--db", db, "--port", "0"]);
    expect(same).toMatchObject({ status: 1, stdout: "" });
    expect(same.stderr).toContain("code: log-in-use");
    const other = join(folder.path, "other.db");
    const { port } = new URL(server.url);
    const taken = await inProcess(["serve", "--board", TWO_GUESTS, "--db", other, "--port", port]);
    expect(taken).toMatchObject({ status: 1, stdout: "" });
    expect(taken.stderr).toContain("code: port-in-use");
    expect(taken.stderr).toContain("--port");
    expect(existsSync(other)).toBe(false);
  });
});

describe("stopping and starting", () => {
  test("SIGTERM ends it within seconds, with status 0 and the whole log in one file", async () => {
    const stream = await fetch(`${server.url}/v1/events/stream`);
    expect(stream.ok).toBe(true);
    const before = Date.now();
    expect(await server.end()).toBe(0);
    await stream.text().catch(() => "");
    expect(Date.now() - before).toBeLessThan(4000);
    expect(existsSync(`${db}-wal`)).toBe(false);
  });

  test("reading the file changes no byte of it", async () => {
    const digest = () => createHash("sha256").update(readFileSync(db)).digest("hex");
    const before = digest();
    for (const args of READS) await inProcess([...args, "--db", db]);
    await inProcess(["replay", "--db", db]);
    expect(digest()).toBe(before);
  });

  test("a second start goes on with the log: nothing is recorded, nothing is booted again", async () => {
    const before = JSON.parse((await inProcess(["host", "--json", "--db", db])).stdout);
    server = await serveBoard(["--board", TWO_GUESTS, "--db", db]);
    const after = await json("host");
    expect(after).toEqual(before);
    expect(await server.end("SIGINT")).toBe(0);
  });

  test("without a board the log says what the host is", async () => {
    server = await serveBoard(["--db", db]);
    expect(await json("host")).toMatchObject({ name: "two-guests", epoch: 2 });
    expect(await server.end()).toBe(0);
  });

  test("another board is refused, unless it is said to be new", async () => {
    const board = "examples/rcar-v4h/board.yaml";
    const refused = await inProcess(["serve", "--board", board, "--db", db, "--port", "0"]);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("code: board-changed");
    server = await serveBoard(["--board", board, "--db", db, "--new-board", "--check-invariants"]);
    expect(await json("host")).toMatchObject({ name: "rcar-v4h", epoch: 3 });
    expect(await server.end()).toBe(0);
    expect((await inProcess(["replay", "--db", db])).status).toBe(0);
  });
});
