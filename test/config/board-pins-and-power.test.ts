import { describe, expect, test } from "vitest";
import { boardOf, boardWith, refusalOf } from "../support/boards.ts";

/** Voltage domains, power capping domains, pins and parents of clocks in the board file. */

const voltageOf = (fields: string) =>
  boardOf(boardWith(`voltageDomains: [ { id: 0, name: v, ${fields} } ]`)).firmware.voltageDomains[0];

const capOf = (fields: string) =>
  boardOf(boardWith(`powerCaps: [ { id: 0, name: soc, ${fields} } ]`)).firmware.powerCaps[0];

describe("what is left out", () => {
  test("of a voltage domain with levels", () => {
    expect(voltageOf("levels: [-5000, 0, 900000]")).toEqual({
      id: 0,
      name: "v",
      levels: [-5000, 0, 900_000],
      range: null,
      level: -5000,
      mode: "off",
      async: true,
      absent: false,
    });
  });

  test.each([
    ["range: { min: -10, max: 10, step: 5 }", { levels: null, level: -10 }],
    ["range: { min: -10, max: 10, step: 5 }, level: 5, mode: on", { level: 5, mode: "on" }],
    ["level: 7", { levels: [7], range: null, level: 7 }],
  ])("of a voltage domain with %s", (fields, expected) => {
    expect(voltageOf(fields)).toMatchObject(expected);
  });

  test("of a power capping domain", () => {
    expect(capOf("range: { min: 100, max: 900, step: 10 }")).toEqual({
      id: 0,
      name: "soc",
      parent: null,
      unit: "mW",
      range: { min: 100, max: 900, step: 10 },
      cap: 900,
      paiRange: { min: 1000, max: 1000, step: 0 },
      pai: 1000,
      caiRange: { min: 1000, max: 1000, step: 0 },
      cai: 1000,
      limits: [],
      sustainablePower: 0,
      accuracy: 0,
      power: null,
      async: true,
      absent: false,
    });
  });

  test("of a range whose ends are alike, the step", () => {
    expect(capOf("range: { min: 5, max: 5, step: 9 }")).toMatchObject({ range: { min: 5, max: 5, step: 0 } });
    expect(capOf("range: { min: 5, max: 6 }, cap: 0")).toMatchObject({ range: { step: 1 }, cap: 0 });
  });

  test("of a further limit", () => {
    expect(
      capOf("range: { min: 1, max: 9 }, limits: [ { name: peak, range: { min: 2, max: 8 } } ]"),
    ).toMatchObject({ limits: [{ name: "peak", cap: 8, cai: 1000 }] });
  });

  test("of pins, functions, and a clock's parents", () => {
    const { firmware } = boardOf(
      boardWith(
        "pins: [ { id: 0, name: p } ]",
        "functions: [ { id: 0, name: f, pins: [0] } ]",
        "clocks: [ { id: 0, name: a, rate: 1 }, { id: 1, name: b, rate: 1, parents: [0] } ]",
      ),
    );
    expect(firmware.pins).toEqual([{ id: 0, name: "p", function: null, alternates: [], absent: false }]);
    expect(firmware.functions).toEqual([{ id: 0, name: "f", groups: null, pins: [0], gpio: false }]);
    expect(firmware.clocks).toMatchObject([
      { parents: [], parent: null },
      { parents: [0], parent: 0 },
    ]);
    expect(firmware.protocols).toEqual(["clock", "pinctrl"]);
  });
});

const CLOCKS = "{ id: 0, name: a, rate: 1 }, { id: 1, name: b, rate: 1";

test.each([
  ["voltageDomains: [ { id: 0, name: v } ]", "voltageDomains[0].level: found nothing, allowed is a level"],
  ["voltageDomains: [ { id: 0, name: v, levels: [] } ]", "voltageDomains[0].levels: found an empty list"],
  [
    "voltageDomains: [ { id: 0, name: v, levels: [1], range: { min: 1, max: 2, step: 1 } } ]",
    "voltageDomains[0].range: found both levels and range",
  ],
  [
    "voltageDomains: [ { id: 0, name: v, levels: [5, 5] } ]",
    "voltageDomains[0].levels[1]: found 5, allowed is more than the level before it (5)",
  ],
  [
    "voltageDomains: [ { id: 0, name: v, levels: [1, 2], level: 3 } ]",
    "voltageDomains[0].level: found 3, allowed is one of `levels`",
  ],
  [
    "voltageDomains: [ { id: 0, name: v, range: { min: 0, max: 10, step: 4 }, level: 5 } ]",
    "voltageDomains[0].level: found 5, allowed is 0 to 10 in steps of 4",
  ],
  [
    "voltageDomains: [ { id: 0, name: v, range: { min: 1, max: 0, step: 1 } } ]",
    "voltageDomains[0].range.max: found 0, allowed is min (1) or more",
  ],
  [
    "voltageDomains: [ { id: 0, name: v, level: 0x80000000 } ]",
    "voltageDomains[0].level: found 2147483648, allowed is a whole number from -2147483648 to 2147483647",
  ],
  [
    "voltageDomains: [ { id: 0, name: v, level: 1 }, { id: 0, name: w, level: 1 } ]",
    "voltageDomains[1].id: found 0, which voltageDomains[0] has",
  ],
  ["powerCaps: [ { id: 0, name: c, range: { min: 0, max: 1 } } ]", "powerCaps[0].range.min: found 0"],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 2, max: 1 } } ]",
    "powerCaps[0].range.max: found 1, allowed is min (2) or more",
  ],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2, step: 0 } } ]",
    "powerCaps[0].range.step: found 0, allowed is 1 or more",
  ],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 }, cap: 3 } ]",
    "powerCaps[0].cap: found 3, allowed is 0, or 1 to 2",
  ],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 }, pai: 3 } ]",
    "powerCaps[0].pai: found 3, allowed is 1000 to 1000",
  ],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 }, limits: [ { name: l, range: { min: 1, max: 1 }, cai: 9 } ] } ]",
    "powerCaps[0].limits[0].cai: found 9, allowed is 1000 to 1000",
  ],
  [
    `powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 }, limits: [${Array(15).fill("{ name: l, range: { min: 1, max: 1 } }").join(", ")}] } ]`,
    "powerCaps[0].limits: found 15, allowed are at most 14 beside the domain's own",
  ],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 }, parent: 1 } ]",
    "powerCaps[0].parent: found 1, allowed is a listed power capping domain: 0",
  ],
  [
    "powerCaps: [ { id: 0, name: c, range: { min: 1, max: 2 }, parent: 0 } ]",
    "powerCaps[0].parent: found 0, a circle (0, 0)",
  ],
  [
    "pins: [ { id: 0, name: p, function: 1 } ]",
    "pins[0].function: found 1, allowed is none: the board lists no",
  ],
  ["pins: [ { id: 0, name: p, alternates: [7] } ]", "pins[0].alternates[0]: found 7"],
  [
    "groups: [ { id: 0, name: g, pins: [] } ]",
    "groups[0].pins: found an empty list, allowed is at least one pin",
  ],
  ["groups: [ { id: 0, name: g, pins: [1] } ]", "groups[0].pins[0]: found 1, allowed is none"],
  [
    "pins: [ { id: 1, name: p } ]\ngroups: [ { id: 0, name: g, pins: [1, 1] } ]",
    "groups[0].pins[1]: found 1 again, allowed is once",
  ],
  ["functions: [ { id: 0, name: f } ]", "functions[0].groups: found neither groups nor pins"],
  [
    "functions: [ { id: 0, name: f, groups: [0], pins: [0] } ]",
    "functions[0].pins: found both groups and pins, allowed is one of them",
  ],
  ["functions: [ { id: 0, name: f, groups: [3] } ]", "functions[0].groups[0]: found 3, allowed is none"],
  [`clocks: [ ${CLOCKS}, parents: [2] } ]`, "clocks[1].parents[0]: found 2, allowed is a listed clock: 0, 1"],
  [
    `clocks: [ ${CLOCKS}, parents: [1] } ]`,
    "clocks[1].parents[0]: found the clock itself, allowed is another",
  ],
  [`clocks: [ ${CLOCKS}, parents: [0, 0] } ]`, "clocks[1].parents[1]: found 0 again, allowed is once"],
  [`clocks: [ ${CLOCKS}, parent: 0 } ]`, "clocks[1].parent: found 0, allowed is none: it has no parents"],
  [
    `clocks: [ ${CLOCKS}, parents: [0], parent: 1 } ]`,
    "clocks[1].parent: found 1, allowed is one of the parents: 0",
  ],
  [
    "devices: [ { id: 0, name: d, voltageDomains: [1] } ]",
    "devices[0].voltageDomains[0]: found 1, allowed is none",
  ],
  ["devices: [ { id: 0, name: d, powerCaps: [1] } ]", "devices[0].powerCaps[0]: found 1, allowed is none"],
  ["devices: [ { id: 0, name: d, pins: [1] } ]", "devices[0].pins[0]: found 1, allowed is none"],
])("firmware: %j", (written, expected) => {
  const told = refusalOf(boardWith(...written.split("\n"))).replaceAll(/ \(line \d+\)/g, "");
  expect(told).toContain(`firmware.${expected}`);
});
