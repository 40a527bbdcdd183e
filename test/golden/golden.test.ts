import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { EVENTS } from "#events/schemas.ts";
import { COMMAND_KINDS } from "#machine/commands/recorded-inputs.ts";
import { Machine } from "#machine/machine.ts";
import { rebuildProjections } from "#projections/catalogue.ts";
import { sha256 } from "#replay/hash.ts";
import { checkDigest, rebuildTo } from "#replay/rebuild.ts";
import { verify } from "#replay/verify.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { goldenLines, goldenLog } from "../support/golden.ts";

// Logs that released versions recorded (scripts/make-golden.ts). They are never made again: where one does not verify, the rules
// have changed, and that is a new rule version beside the old one.

const FILES = readdirSync("test/golden").filter((name) => name.endsWith(".jsonl"));

const KINDS_010 = [
  "agent.reset",
  "device.assign",
  "domain.create",
  "domain.destroy",
  "domain.restart",
  "domain.shutdown",
  "host.configure",
  "host.reboot",
  "permission.set",
  "scmi",
  "smc",
];
const TYPES_010 = [
  "agent.reset",
  "device.assigned",
  "device.assignment-refused",
  "domain.created",
  "domain.creation-refused",
  "domain.destroy-refused",
  "domain.destroyed",
  "domain.shutdown",
  "host.booted",
  "host.configured",
  "mediator.probe-failed",
  "mediator.probed",
  "smc.forwarded",
  "smc.refused",
];

function linesOf(name: string): string[] {
  return readFileSync(`test/golden/${name}`, "utf8").trimEnd().split("\n");
}

describe.each(FILES)("%s", (name) => {
  const lines = linesOf(name);
  const db = goldenLog(lines);

  test("is decided again as it was recorded", () => {
    const report = verify(db);
    if (isProblem(report)) throw new Error(report.detail);
    expect(report.divergences).toEqual([]);
    expect(report.divergenceCount).toBe(0);
    expect(report.commands).toBe(lines.length);
    expect(report.stateHash).toBe(report.liveStateHash);
  });

  test("is rebuilt to the state that it ended in", () => {
    const machine = new Machine(sha256);
    expect(rebuildTo(machine, db, name)).toBeNull();
    expect(checkDigest(machine, db, name)).toBeNull();
    expect(toHex(machine.digest())).toBe((JSON.parse(lines.at(-1) as string) as { command: string[] }).command[8]);
  });

  test("fills the tables, event by event", () => {
    const events = new LogReader(db).events(0, 100_000);
    expect(events.some(isDamaged)).toBe(false);
    const whole = events.flatMap((event) => (isDamaged(event) ? [] : [event]));
    expect(rebuildProjections(db, whole).tables.length).toBeGreaterThan(0);
  });

  test("is read and written without loss", () => {
    expect(goldenLines(db)).toEqual(lines);
  });
});

test("version 0.1.0 has a log of both profiles, with each kind of command and each kind of event that it had", () => {
  const of010 = FILES.filter((name) => name.startsWith("0.1.0-"));
  expect(of010).toHaveLength(4);
  const commands = of010.flatMap((name) => linesOf(name).map((line) => JSON.parse(line)));
  const kinds = new Set(commands.map(({ command }) => command[1]));
  const types = new Set(commands.flatMap(({ events }) => events.map((event: unknown[]) => event[2])));
  expect([...kinds].sort()).toEqual(KINDS_010);
  expect([...types].sort()).toEqual(TYPES_010);
});

test("no kind of command and no type of event is ever taken back", () => {
  expect(KINDS_010.filter((kind) => !COMMAND_KINDS.has(kind))).toEqual([]);
  expect(TYPES_010.filter((type) => !(type in EVENTS))).toEqual([]);
});
