import { beforeAll, describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import { compileExpression } from "#replay/expression/compile.ts";
import { type ShrinkProgress, type ShrinkReport, shrink } from "#replay/whatif/shrink.ts";
import { scripted, scriptLine } from "#simulate/script-text.ts";
import { shrunkScript } from "#simulate/shrunk-script.ts";
import { Simulation } from "#simulate/simulation.ts";
import { openInMemory } from "#store/database.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

let host: Awaited<ReturnType<typeof twoGuests>>;
beforeAll(async () => {
  host = await twoGuests();
});

function shrunk(recording: Recording, text: string, to?: number): ShrinkReport {
  const report = shrink(recording.db, { expect: text, to, prepare: scripted });
  if (isProblem(report)) throw new Error(report.detail);
  return report;
}

/** Whether the expectation of a script held on a simulation that was forked where the script says. */
function isMet(recording: Recording, report: ShrinkReport, kept: readonly Command[] = report.kept): boolean {
  const simulation = Simulation.fork(recording.db, "host.db", report.bootSeq, "test");
  if (isProblem(simulation)) throw new Error(simulation.detail);
  for (const line of shrunkScript({ ...report, kept }, "host.db").split("\n")) simulation.answer(line);
  return simulation.isAsExpected;
}

function randomLog(seed: number, commands: number): Recording {
  const random = new Random(seed);
  const recording = new Recording(host);
  for (let i = 0; i < commands; i += 1) recording.do(randomCommand(random, recording.machine.state, [host]));
  return recording;
}

test("of a long log the one command is left that did it", () => {
  const recording = randomLog(3, 0);
  const create = (name: string): Command => ({
    kind: "domain.create",
    request: { name, sci: { type: "none", agentId: 0 }, dtdev: [], passthrough: null, uuid: null },
  });
  const grant: Command = { kind: "permission.set", agentId: 2, deviceId: 1, allowed: true };
  for (let i = 0; i < 20; i += 1) {
    recording.do(create(`a${i}`));
    if (i === 11) recording.do(grant);
  }
  const report = shrunk(recording, "not allowed(2, 1)");
  expect(report).toMatchObject({ commands: 21, kept: [grant], isMinimal: true });
  expect(shrunkScript(report, "host.db").split("\n")[0]).toBe(
    '{"do":"permission.set","agentId":2,"deviceId":1,"allowed":true}',
  );
});

test("a command that is needed only beside another goes once the other has gone", () => {
  const recording = randomLog(3, 0);
  const create = (name: string): Command => ({
    kind: "domain.create",
    request: {
      name,
      sci: { type: "scmi_smc_multiagent", agentId: 2 },
      dtdev: [],
      passthrough: null,
      uuid: null,
    },
  });
  const grant: Command = { kind: "permission.set", agentId: 3, deviceId: 1, allowed: true };
  recording.do(create("red"));
  recording.do(grant);
  recording.do({ kind: "domain.destroy", domain: "red" });
  recording.do(create("green"));
  const report = shrunk(recording, 'not (exists(domain("green")) and allowed(3, 1))');
  expect(report.kept).toEqual([grant, create("green")]);
});

test("a guest's message keeps its guest, not every guest before it: the script names it", () => {
  const recording = randomLog(3, 0);
  const create = (name: string, agentId: number): Command => ({
    kind: "domain.create",
    request: {
      name,
      sci: { type: "scmi_smc_multiagent", agentId },
      dtdev: [],
      passthrough: null,
      uuid: null,
    },
  });
  recording.do(create("red", 2));
  recording.do(create("blue", 3));
  const grant: Command = { kind: "permission.set", agentId: 3, deviceId: 1, allowed: true };
  const call = {
    protocol: "clock",
    message: "CLOCK_RATE_SET",
    params: { flags: 0, clockId: 1, rate: 500_000_000 },
  };
  recording.do(grant);
  recording.do({ kind: "scmi", domain: 2, call });
  const report = shrunk(recording, "firmware.clock[1].rate == 400000000");
  expect(report.kept).toEqual([create("blue", 3), grant, { kind: "scmi", domain: "blue", call }]);
  expect(isMet(recording, report)).toBe(false);
});

test("in random logs what is left still shows it, and no single command can be taken from it", () => {
  const texts = [
    "not allowed(2, 1)",
    "count(mediator.domain) < 3",
    "findings() == 0",
    "host[0].epoch < 2",
    "firmware.clock[1].rate == 400000000",
  ];
  let count = 0;
  for (let seed = 1; seed <= 24; seed += 1) {
    const recording = randomLog(seed, 60);
    for (const text of texts) {
      const expression = compileExpression(text);
      if (isProblem(expression)) throw new Error(expression.detail);
      if (expression.holds(recording.machine.state)) continue;
      const report = shrunk(recording, text);
      const { kept } = report;
      expect(isMet(recording, report), `seed ${seed}: ${text}`).toBe(false);
      for (const [i] of kept.entries()) {
        const without = kept.filter((_, at) => at !== i);
        expect(isMet(recording, report, without), `seed ${seed}: ${text} without ${i}`).toBe(true);
      }
      count += 1;
    }
  }
  expect(count).toBeGreaterThan(8);
});

test("every command that a script can have reads back as itself", () => {
  const random = new Random(5);
  const { machine } = randomLog(5, 30);
  const seen = new Set<string>();
  for (let i = 0; i < 600; i += 1) {
    const command = randomCommand(random, machine.state, [host]);
    const read = scripted(command);
    if (read === null) continue;
    seen.add(command.kind);
    expect(scriptLine(read)).toBe(scriptLine(command));
    expect(read).toEqual(command);
  }
  expect(seen.size).toBeGreaterThan(11);
});

test("a long log takes far fewer runs than it has commands, and says how far it is", () => {
  const recording = new Recording(host);
  const random = new Random(9);
  while (recording.commands < 3000) {
    const command = randomCommand(random, recording.machine.state, [host]);
    if (command.kind !== "host.configure" && command.kind !== "host.reboot") recording.do(command);
  }
  const told: ShrinkProgress[] = [];
  const request = { expect: "host[0].lastDomid < 20", prepare: scripted };
  const report = shrink(recording.db, { ...request, onProgress: (progress) => told.push(progress) });
  if (isProblem(report)) throw new Error(report.detail);
  expect(report.isMinimal).toBe(true);
  expect(report.kept.length).toBeGreaterThanOrEqual(20);
  expect(report.runs).toBeLessThan(1000);
  expect(told.length).toBeGreaterThan(10);
  expect(told.at(-1)?.kept).toBe(report.kept.length);
  for (const [i, { kept }] of told.entries()) expect(kept).toBeLessThanOrEqual(told[i - 1]?.kept ?? 3000);

  const ended = shrink(recording.db, { ...request, runsMax: 3 });
  if (isProblem(ended)) throw new Error(ended.detail);
  expect(ended).toMatchObject({ isMinimal: false, runs: 3 });
  expect(isMet(recording, ended)).toBe(false);
});

describe("what cannot be answered says why", () => {
  test.each([
    ["not allowed(2, 1)", undefined, "shrink-unfit"],
    ["fals", undefined, "expression-invalid"],
    ["false", 9999, "position-out-of-range"],
  ])("%s to %s: %s", (text, to, code) => {
    const report = shrink(new Recording(host).db, { expect: text, to, prepare: scripted });
    expect(isProblem(report) && report.code).toBe(code);
  });

  test("a log without a host", () => {
    const report = shrink(openInMemory(), { expect: "false", prepare: scripted });
    expect(isProblem(report) && report.code).toBe("host-not-booted");
  });
});
