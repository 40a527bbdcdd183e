import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { Table } from "#base/cells.ts";
import { isProblem } from "#base/problem.ts";
import { FINDING_KINDS } from "#machine/checks/findings.ts";
import { INVARIANTS } from "#machine/checks/invariants.ts";
import type { MachineState } from "#machine/state/state.ts";
import { compileExpression, type Expression } from "#replay/expression/compile.ts";
import { FUNCTIONS } from "#replay/expression/functions.ts";
import { Random } from "../support/random.ts";
import { randomCommand } from "../support/random-commands.ts";
import { Recording } from "../support/recording.ts";
import { twoGuests } from "../support/two-guests.ts";

let recording: Recording;
let host: Awaited<ReturnType<typeof twoGuests>>;
beforeAll(async () => {
  host = await twoGuests();
  recording = new Recording(host);
  const fields = { dtdev: [], passthrough: null, uuid: null };
  const sci = { type: "scmi_smc_multiagent", agentId: 3 };
  recording.do({ kind: "domain.create", request: { name: "blue", sci, ...fields } });
  recording.do({ kind: "permission.set", agentId: 3, deviceId: 1, allowed: true });
});

function resultOf(text: string): unknown {
  const expression = compileExpression(text);
  return isProblem(expression) ? expression.detail : expression.value(recording.machine.state);
}

test.each([
  ["1 == 1", true],
  ["0x10 == 16", true],
  ["-1 < 0", true],
  ["'it\\'s' == \"it's\"", true],
  ["true and false or true", true],
  ["not true or true", true],
  ["!(true && false)", true],
  ["null == null", true],
  ["host[0].epoch", 1],
  ["host.0.epoch >= 1", true],
  ['mediator.domain[1].name == "blue"', true],
  ["mediator.domain[1].state", "running"],
  ["mediator.domain[99].state", null],
  ["mediator.domain[99].state.more", null],
  ["exists(mediator.domain[99])", false],
  ["count(mediator.domain)", 2],
  ["count(mediator.domain[99])", 0],
  ["firmware.permission[3][1]", true],
  ["allowed(3, 1)", true],
  ["allowed(3, 0)", false],
  ["allowed(2, 2)", true],
  ["allowed('3', 1)", false],
  ['domain("blue").domid', undefined],
  ['exists(domain("blue"))', true],
  ['exists(domain("green"))', false],
  ['finding("channel-stuck")', false],
  ["violations() == 0", true],
  ['violation("channel-held-once")', false],
  ["findings()", 0],
  ["null < 1", false],
  ["'a' < 'b'", false],
])("%s is %j", (text, value) => {
  if (value !== undefined) expect(resultOf(text)).toBe(value);
  // What a function gives has no path of its own.
  else expect(resultOf(text)).toContain('found "."');
});

test.each([
  ["", /character 1: found the end, allowed is a value/],
  ["1 +", /character 3: found "\+", allowed is a name, a number/],
  ["'open", /character 1: found "'open", allowed is a text that ends with its quote/],
  ["(1", /character 3: found the end, allowed is "\)"/],
  ["1 2", /character 3: found "2", allowed is an operator, or the end/],
  ["a.b", /character 1: found a.b, allowed is a path that begins with one of host, mediator\.driver/],
  ["fimware.clock[0]", /found fimware\.clock, allowed is a path that begins with one of/],
  ["count()", /found count\(\) with 0 arguments, allowed is count\(rows\)/],
  ["sum(1)", /found sum\(\), allowed is a function: count, exists/],
  ['finding("channel-stuk")', /character 9: found "channel-stuk", allowed is one of host-panicked/],
  ['violation("channel")', /character 11: found "channel", allowed is one of channel-held-once, held-/],
  ["host[0].", /character 9: found the end, allowed is a name/],
  ["- x", /character 3: found "x", allowed is a number/],
  ["(".repeat(200), /at most 100 levels/],
  ["!".repeat(200), /at most 100 levels/],
  [`'${"x".repeat(20_000)}'`, /at most 10000 characters/],
])("%s is refused at its place", (text, why) => {
  const expression = compileExpression(text);
  expect(isProblem(expression) && expression.code).toBe("expression-invalid");
  expect(isProblem(expression) && expression.detail).toMatch(why);
});

test("functions read the tables that they say, and no others", () => {
  const functions = ["allowed(2, 1)", "findings() == 0", 'finding("channel-stuck")', "violations() == 0"];
  const random = new Random(11);
  const log = new Recording(host);
  const known = new Map(functions.map((text) => [text, new Set<string>()]));
  for (let i = 0; i < 400; i += 1) {
    log.do(randomCommand(random, log.machine.state, [host]));
    if (i % 2 === 0) continue;
    // As a reset that failed would leave it: no command of these comes to that.
    if (i === 399) for (const agent of [2, 3, 4]) log.machine.state.firmware.permission.set(agent, 0, true);
    for (const [text, read] of known)
      for (const table of tablesRead(text, log.machine.state)) read.add(table);
  }
  for (const [text, read] of known) {
    const { reads } = compileExpression(text) as Expression;
    expect([...read].filter((table) => !reads(table))).toEqual([]);
    expect(reads("firmware/clock")).toBe(false);
  }
  expect(known.get("findings() == 0")).toContain("firmware/permission");
});

/** The tables that evaluating an expression looks into. */
function tablesRead(text: string, state: MachineState): Set<string> {
  const read = new Set<string>();
  const spies = (["get", "at", "has", "keys"] as const).map((method) => {
    const real = Table.prototype[method] as (this: Table<object>, row: number | string) => never;
    return vi.spyOn(Table.prototype, method).mockImplementation(function (this: Table<object>, row) {
      read.add(this.name);
      return real.call(this, row);
    });
  });
  (compileExpression(text) as Expression).holds(state);
  for (const spy of spies) spy.mockRestore();
  return read;
}

test("no text makes it crash", () => {
  const piece = fc.constantFrom(
    "host",
    ".",
    "[",
    "]",
    "(",
    ")",
    "0",
    "'a'",
    "not",
    "and",
    "==",
    "count",
    ",",
    "-",
    " ",
    "allowed",
    "1e9",
    "\u{1f642}",
    "\\",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
      ),
      (text) => {
        const expression = compileExpression(text);
        if (!isProblem(expression)) expression.holds(recording.machine.state);
      },
    ),
    { numRuns: 2000 },
  );
});

test("docs/debugging.md lists every function, and its examples are expressions", () => {
  const page = readFileSync("docs/debugging.md", "utf8");
  for (const [name, { args, doc }] of Object.entries(FUNCTIONS)) {
    expect(page).toContain(`| \`${name}(${args.join(", ")})\` | ${doc} |`);
  }
  for (const name of [...FINDING_KINDS, ...INVARIANTS]) expect(page).toContain(`\`${name}\``);
  const examples = /worth keeping:\n\n((?: {4}.*\n)+)/.exec(page)?.[1]?.trimEnd().split("\n") ?? [];
  expect(examples.length).toBeGreaterThan(3);
  for (const example of examples) expect(isProblem(compileExpression(example.trim())), example).toBe(false);
});
