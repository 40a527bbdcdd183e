import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import { Control } from "#control/control.ts";
import { Machine } from "#machine/machine.ts";
import { RULE_VERSION } from "#machine/rule-version.ts";
import { sha256 } from "#replay/hash.ts";
import { verify } from "#replay/verify.ts";
import { type Database, openForReading } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { goldenLog } from "../support/golden.ts";
import { hostWith } from "../support/scenario.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scmi-rules-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const stamp = (commandId: number) => ({ commandId, timeUs: 1_795_132_800_000_000 + commandId });

/** A host of v7, on a tree whose container names dom0's agent: v7 itself reads the command line for that. */
function dom0Of(ruleVersion: number): { agent: number | null; digest: string | undefined; version: number } {
  const machine = new Machine(sha256);
  const description = hostWith({ xen: { version: "v7" } });
  machine.execute({ kind: "host.configure", description, ruleVersion }, stamp(1));
  const channel = machine.state.mediator.domain.get(0)?.channel ?? null;
  return {
    agent: channel === null ? null : machine.state.mediator.channel.at(channel).agentId,
    digest: machine.state.configuration()?.digest,
    version: machine.ruleVersion,
  };
}

test("a host is decided by the rules that it was configured with, and those are part of what it is", () => {
  const first = dom0Of(1);
  const second = dom0Of(2);
  expect([first.agent, first.version]).toEqual([0, 1]);
  expect([second.agent, second.version]).toEqual([null, 2]);
  expect(first.digest).not.toBe(second.digest);
});

function rulesIn(db: Database): number[] {
  return db.prepare("SELECT rule_version FROM commands ORDER BY id").pluck().all() as number[];
}

test("a log of the first rules goes on by them, until it is given a new board, were it the same", async () => {
  const lines = readFileSync("test/golden/0.1.0-two-guests-v32.jsonl", "utf8").trimEnd().split("\n");
  const golden = goldenLog(lines);
  const [configured] = new LogReader(golden).events(0, 1);
  if (configured === undefined || isDamaged(configured) || configured.type !== "host.configured") {
    throw new Error("no host.configured");
  }
  const { board, deviceTree, autostart } = configured.data;
  const description: HostDescription = { board, deviceTree, autostart };
  const file = join(folder, "log.db");
  writeFileSync(file, golden.serialize());

  const open = async (of: HostDescription, newBoard: boolean) => {
    const clock = () => 1_900_000_000_000_000;
    const control = await Control.open({ file, description: of, newBoard, clock, program: "test" });
    if (isProblem(control)) throw new Error(control.detail);
    return control;
  };
  const requester = { actor: "tester", source: "cli", reason: null, request: null } as const;
  const control = await open(description, false);
  await control.submit({ kind: "host.reboot", cause: "reboot" }, requester);
  await control.close();
  const other = await open(description, true);
  await other.close();

  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  expect(rulesIn(db)).toEqual([...rulesIn(golden), 1, RULE_VERSION]);
  const report = verify(db);
  if (isProblem(report)) throw new Error(report.detail);
  expect(report.divergences).toEqual([]);
  db.close();
});
