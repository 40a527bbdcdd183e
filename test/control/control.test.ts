import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Control, type ControlOptions, type Repeatable, type Submitted } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";
import type { Command } from "#machine/commands/commands.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";

const REQUESTER = { actor: "tester", source: "cli", reason: null, request: null } as const;
const GUEST: Command = {
  kind: "domain.create",
  request: {
    name: "guest",
    sci: { type: "scmi_smc_multiagent", agentId: 3 },
    dtdev: [],
    passthrough: null,
    uuid: null,
  },
};

let description: HostDescription;
let folder: string;
let file: string;
let now = 1_700_000_000_000_000;

beforeAll(async () => {
  const loaded = await loadHost("examples/two-guests/board.yaml");
  if (isProblem(loaded)) throw new Error(loaded.detail);
  description = loaded;
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scmi-control-"));
  file = join(folder, "log.db");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function opened(options: Partial<ControlOptions> = {}): Promise<Control> {
  const control = await tryOpen(options);
  if (isProblem(control)) throw new Error(control.detail);
  return control;
}

function tryOpen(options: Partial<ControlOptions> = {}) {
  const clock = () => {
    now += 1;
    return now;
  };
  return Control.open({
    file,
    description,
    newBoard: false,
    clock,
    program: "test",
    checkInvariants: true,
    ...options,
  });
}

const codeOf = ({ outcome }: Submitted) => (isProblem(outcome.result) ? outcome.result.code : "done");

test("a first start configures and boots the host; the next start adds no event and has the same state", async () => {
  const first = await opened();
  expect(first.host()).toMatchObject({ epoch: 1, mediator: { registered: true } });
  const { headSeq, stateHash } = first;
  await first.close();
  const second = await opened();
  expect(second.headSeq).toBe(headSeq);
  expect(second.stateHash).toBe(stateHash);
  await second.close();
});

test("the state after a start is the same with a snapshot and without one", async () => {
  const control = await opened();
  await control.submit(GUEST, REQUESTER);
  const { stateHash } = control;
  await control.close();
  const withSnapshot = await opened();
  expect(withSnapshot.stateHash).toBe(stateHash);
  withSnapshot.exclusively((db) => db.exec("DELETE FROM snapshots"));
  await withSnapshot.submit({ kind: "host.reboot", cause: "reboot" }, REQUESTER);
  const rebooted = withSnapshot.stateHash;
  withSnapshot.exclusively((db) => db.exec("DELETE FROM snapshots"));
  await withSnapshot.close();
  const again = await opened();
  expect(again.stateHash).toBe(rebooted);
  await again.close();
});

test("commands that wait together are decided in order, each whole, each once", async () => {
  const control = await opened();
  const submitted = await Promise.all([
    control.submit(GUEST, REQUESTER),
    control.submit(GUEST, REQUESTER),
    control.submit({ kind: "domain.destroy", domain: "guest" }, REQUESTER),
    control.submit(GUEST, REQUESTER),
  ]);
  expect(submitted.map(codeOf)).toEqual(["done", "domain-creation-refused", "done", "done"]);
  await control.close();
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const commands = new LogReader(db).commands(0, 10);
  for (const [i, { firstSeq }] of commands.entries()) {
    expect(firstSeq).toBe(i === 0 ? 1 : (commands[i - 1]?.lastSeq as number) + 1);
  }
  db.close();
});

test("times never fall, even when the clock does", async () => {
  let time = 5_000_000;
  const control = await opened({ clock: () => time });
  time = 1_000;
  await control.submit(GUEST, REQUESTER);
  await control.close();
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const times = db.prepare("SELECT DISTINCT time FROM events").pluck().all();
  expect(times).toEqual([5_000_000]);
  db.close();
});

test("a write that the disk refuses changes nothing, says so, and reads go on; the next one works again", async () => {
  const control = await opened();
  const before = { headSeq: control.headSeq, stateHash: control.stateHash };
  const limit = control.exclusively((db) => {
    const pages = db.pragma("page_count", { simple: true }) as number;
    db.pragma(`max_page_count = ${pages}`);
    return pages;
  });
  const bulky: Command = {
    kind: "domain.create",
    request: { xlcfg: `name = "big"\n${"# filler\n".repeat(100_000)}` },
  };
  const refused = await Promise.all([control.submit(bulky, REQUESTER), control.submit(bulky, REQUESTER)]);
  expect(refused.map(codeOf)).toEqual(["log-unwritable", "log-unwritable"]);
  expect({ headSeq: control.headSeq, stateHash: control.stateHash }).toEqual(before);
  expect(control.writeFault()).toMatch(/full/);
  expect(control.host().epoch).toBe(1);

  control.exclusively((db) => db.pragma(`max_page_count = ${limit + 10_000}`));
  expect(codeOf(await control.submit(GUEST, REQUESTER))).toBe("done");
  expect(control.writeFault()).toBeNull();
  const { stateHash } = control;
  await control.close();
  const reopened = await opened();
  expect(reopened.stateHash).toBe(stateHash);
  await reopened.close();
});

test("after a write that failed the log is tried again by itself, once a second, and tells when it can be written", async () => {
  const control = await opened();
  const { headSeq, stateHash } = control;
  let nowMs = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  const writable = (isOn: boolean) =>
    control.exclusively((db) => db.pragma(`query_only = ${isOn ? "OFF" : "ON"}`));
  writable(false);
  expect(codeOf(await control.submit(GUEST, REQUESTER))).toBe("log-unwritable");
  nowMs += 1001;
  expect(control.writeFault()).toMatch(/readonly/);
  writable(true);
  expect(control.writeFault()).toMatch(/readonly/);
  nowMs += 1001;
  expect(control.writeFault()).toBeNull();
  expect({ headSeq: control.headSeq, stateHash: control.stateHash }).toEqual({ headSeq, stateHash });
  clock.mockRestore();
  await control.close();
});

test("a bug of ours refuses its command, and is no fault of the log", async () => {
  const control = await opened();
  const render = () => {
    throw new Error("bug: for the test");
  };
  const repeatable = { key: "k", bodyHash: Uint8Array.of(1), render };
  expect(codeOf(await control.submit(GUEST, REQUESTER, repeatable))).toBe("internal-error");
  expect(control.writeFault()).toBeNull();
  expect(codeOf(await control.submit(GUEST, REQUESTER))).toBe("done");
  await control.close();
});

test("in a batch with one that the disk refuses, the others still happen", async () => {
  const control = await opened();
  control.exclusively((db) => {
    const pages = db.pragma("page_count", { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 20}`);
  });
  const bulky: Command = {
    kind: "domain.create",
    request: { xlcfg: `name = "big"\n${"# filler\n".repeat(100_000)}` },
  };
  const submitted = await Promise.all([control.submit(bulky, REQUESTER), control.submit(GUEST, REQUESTER)]);
  expect(submitted.map(codeOf)).toEqual(["log-unwritable", "done"]);
  await control.close();
});

test("a refusal that nobody records leaves no trace", async () => {
  const control = await opened();
  const before = control.headSeq;
  const submitted = await control.submit(
    { kind: "smc", domain: 99, x: new Array(8).fill(0n), shmem: null },
    REQUESTER,
  );
  expect(codeOf(submitted)).toBe("domain-not-found");
  expect(submitted.commandId).toBeNull();
  expect(control.headSeq).toBe(before);
  await control.close();
});

test("a log has one writer, and readers beside it", async () => {
  const control = await opened();
  const second = await tryOpen();
  expect(isProblem(second) && second.code).toBe("log-in-use");
  const db = openForReading(file);
  expect(isProblem(db)).toBe(false);
  if (!isProblem(db)) db.close();
  await control.close();
});

test("a changed board is refused on an old log; with --new-board it is recorded and booted in one command", async () => {
  const control = await opened();
  await control.submit(GUEST, REQUESTER);
  await control.close();
  const changed = { ...description, board: { ...description.board, name: "another" } };
  const refused = await tryOpen({ description: changed });
  expect(isProblem(refused) && refused.code).toBe("board-changed");

  const taken = await opened({ description: changed, newBoard: true });
  expect(taken.host()).toMatchObject({ name: "another", epoch: 2 });
  await taken.close();
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const reader = new LogReader(db);
  const last = reader.command(reader.headCommand());
  const types = reader.rows(last?.firstSeq as number, last?.lastSeq as number).map(({ type }) => type);
  expect(types).toContain("host.configured");
  expect(types).toContain("host.booted");
  db.close();
});

test("what is only written otherwise is no changed board", async () => {
  await (await opened()).close();
  const sameContent = { ...description, board: { ...description.board, deviceTree: "elsewhere/host.dtb" } };
  const control = await tryOpen({ description: sameContent });
  expect(isProblem(control)).toBe(false);
  if (!isProblem(control)) await control.close();
});

test("an Idempotency-Key answers again what it answered, also after a restart, and refuses another request", async () => {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  const repeatable: Repeatable = {
    key: "k1",
    bodyHash: hash("a"),
    render: (outcome) => ({ status: 201, answer: JSON.stringify(outcome.errno) }),
  };
  const control = await opened();
  const under = control.submit(GUEST, REQUESTER, repeatable);
  const inFlight = control.recall("tester", "k1", hash("a"));
  expect(isProblem(inFlight) && inFlight.code).toBe("idempotency-in-flight");
  await under;
  expect(control.recall("tester", "k1", hash("a"))).toMatchObject({ status: 201, answer: "null" });
  await control.close();

  const again = await opened();
  expect(again.recall("tester", "k1", hash("a"))).toMatchObject({ status: 201, answer: "null" });
  const reused = again.recall("tester", "k1", hash("b"));
  expect(isProblem(reused) && reused.code).toBe("idempotency-key-reused");
  expect(again.recall("other", "k1", hash("b"))).toBeNull();
  await again.close();
});

test("closing finishes what waits and refuses what comes after", async () => {
  const control = await opened();
  const waiting = control.submit(GUEST, REQUESTER);
  const closing = control.close();
  const late = await control.submit(GUEST, REQUESTER);
  expect(codeOf(await waiting)).toBe("done");
  expect(codeOf(late)).toBe("shutting-down");
  await closing;
});
