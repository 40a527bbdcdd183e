import { describe, expect, test } from "vitest";
import { boardOf, boardWith, refusalOf } from "../support/boards.ts";
import { EVERY_FIELD } from "../support/every-field.ts";

/** Performance domains, sensors and system power in the board file. */

const domainOf = (fields: string) =>
  boardOf(boardWith(`performanceDomains: [ { id: 0, name: cpu, ${fields} } ]`)).firmware
    .performanceDomains[0];

const sensorOf = (fields: string) =>
  boardOf(boardWith(`sensors: [ { id: 0, name: temp, type: 2, ${fields} } ]`)).firmware.sensors[0];

describe("what is left out", () => {
  test("of a performance domain comes from its levels", () => {
    expect(domainOf("levels: [ { value: 500 }, { value: 900, powerCost: 7, latencyUs: 3 } ]")).toEqual({
      id: 0,
      name: "cpu",
      levels: [
        { value: 500, powerCost: 0, latencyUs: 0, frequencyKhz: 500 },
        { value: 900, powerCost: 7, latencyUs: 3, frequencyKhz: 900 },
      ],
      level: 500,
      levelIndexing: null,
      limits: null,
      sustainedFreqKhz: 900,
      sustainedLevel: 900,
      rateLimitUs: 0,
      notifications: true,
      fastChannels: [],
      absent: false,
    });
  });

  test.each([
    ["limits: { min: 900, max: 900 }", { level: 900 }],
    ["limits: { min: 1, max: 1 }", { level: 1 }],
    ["level: 1", { level: 1 }],
    ["sustainedLevel: 500, sustainedFreqKhz: 77", { sustainedLevel: 500, sustainedFreqKhz: 77 }],
  ])("of a performance domain with %s", (fields, expected) => {
    expect(domainOf(`levels: [ { value: 500 }, { value: 900 } ], ${fields}`)).toMatchObject(expected);
  });

  test("of a sensor, and of its axes", () => {
    expect(sensorOf("axes: [ { name: x, type: 89 } ]")).toEqual({
      id: 0,
      name: "temp",
      type: 2,
      exponent: 0,
      reading: 0,
      extended: null,
      tripPoints: 0,
      timestamp: false,
      axes: [{ name: "x", type: 89, exponent: 0, reading: 0, extended: null }],
      updateIntervals: [],
      updateIntervalRange: null,
      enabled: null,
      continuous: false,
      async: true,
      absent: false,
    });
    expect(sensorOf("extended: { min: -5, max: 5 }, timestamp: off")).toMatchObject({
      extended: { powerUw: 0, resolution: 0, resolutionExponent: 0, min: -5, max: 5 },
      timestamp: false,
    });
  });

  test("of protocols is what has resources, system power by its map", () => {
    const text = (...lines: string[]) => boardOf(boardWith(...lines)).firmware;
    expect(text("systemPower: { suspend: on }")).toMatchObject({
      protocols: ["system"],
      systemPower: { warmReset: false, suspend: true },
    });
    expect(text("sensors: [ { id: 0, name: s, type: 2 } ]").protocols).toEqual(["sensor"]);
    expect(text("protocols: [system, sensor]")).toMatchObject({
      protocols: ["system", "sensor"],
      systemPower: null,
    });
  });
});

test("a board is read again as it was written down", () => {
  const [sensor] = EVERY_FIELD.sensors;
  const { instances: _, ...resources } = EVERY_FIELD;
  const written = { ...resources, sensors: [{ ...sensor, updateIntervalRange: null }] };
  const fields = Object.entries(written).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  expect(boardOf(boardWith(...fields)).firmware).toMatchObject(written);
});

const LEVELS = "levels: [ { value: 500 }, { value: 900 } ]";

test.each([
  ["levels: []", "levels: found an empty list, allowed is at least one level"],
  [
    "levels: [ { value: 9 }, { value: 9 } ]",
    "levels[1].value: found 9, allowed is more than the level before it (9)",
  ],
  ["levels: [ { value: 0x100000000 } ]", "levels[0].value: found 4294967296, allowed is a whole number"],
  [`${LEVELS}, level: 700`, "level: found 700, allowed is a value of `levels`, or an index below 2"],
  [`${LEVELS}, level: 2`, "level: found 2, allowed is a value of `levels`, or an index below 2"],
  [`${LEVELS}, limits: { min: 0, max: 901 }`, "limits.max: found 901, allowed is a value of `levels`"],
  [
    `${LEVELS}, rateLimitUs: 0x100000`,
    "rateLimitUs: found 1048576, allowed is a whole number from 0 to 1048575",
  ],
  [
    `${LEVELS}, fastChannels: [ { message: PERFORMANCE_LEVEL_SETS, address: 0 } ]`,
    'fastChannels[0].message: found "PERFORMANCE_LEVEL_SETS", allowed is PERFORMANCE_LIMITS_SET,',
  ],
  [
    `${LEVELS}, fastChannels: [ { message: PERFORMANCE_LEVEL_SET, address: 0 }, { message: PERFORMANCE_LEVEL_SET, address: 4 } ]`,
    "fastChannels[1].message: found PERFORMANCE_LEVEL_SET again, allowed is once",
  ],
  [
    `${LEVELS}, fastChannels: [ { message: PERFORMANCE_LEVEL_SET, address: 2 } ]`,
    "fastChannels[0].address: found 0x2, allowed is an address that is a multiple of 4, below 2^52",
  ],
  [
    `${LEVELS}, fastChannels: [ { message: PERFORMANCE_LEVEL_SET, address: 4, doorbell: { address: 8, width: 24, setMask: 1 } } ]`,
    "fastChannels[0].doorbell.width: found 24, allowed is 8, 16, 32 or 64",
  ],
])("a performance domain with %s is refused", (fields, refusal) => {
  const text = boardWith(`performanceDomains: [ { id: 0, name: cpu, ${fields} } ]`);
  expect(refusalOf(text)).toContain(`firmware.performanceDomains[0].${refusal.split(": ")[0]} `);
  expect(refusalOf(text)).toContain(refusal.slice(refusal.indexOf(": ")));
});

test.each([
  ["exponent: 16", "exponent: found 16, allowed is a whole number from -16 to 15"],
  ["type: 256", "type: found 256, allowed is a whole number from 0 to 255"],
  ["timestamp: true", "timestamp: found true, allowed is false, or an exponent from -16 to 15"],
  ["timestamp: -17", "timestamp: found -17, allowed is false, or an exponent from -16 to 15"],
  ["tripPoints: 256", "tripPoints: found 256, allowed is a whole number from 0 to 255"],
  ["extended: { min: 1, max: 0 }", "extended.max: found 0, allowed is min (1) or more"],
  [
    "axes: [ { name: x, type: 1, extended: { min: 1, max: 0 } } ]",
    "axes[0].extended.max: found 0, allowed is min (1)",
  ],
  [
    `axes: [ ${"{ name: x, type: 1 }, ".repeat(64)} ]`,
    "axes: found a list of 64, allowed is at most 63 axes",
  ],
  ["updateIntervals: [5, 5]", "updateIntervals[1]: found 5, allowed is more than the interval before it (5)"],
  ["updateIntervals: [65537]", "updateIntervals[0]: found 65537, allowed is an interval in µs"],
  ["updateIntervals: [0]", "updateIntervals[0]: found 0, allowed is an interval in µs"],
  [
    "updateIntervalRange: { min: 5, max: 4, step: 1 }",
    "updateIntervalRange.max: found 4, allowed is min (5) or more",
  ],
  [
    "updateIntervals: [5], updateIntervalRange: { min: 4, max: 5, step: 1 }",
    "updateIntervalRange: found both updateIntervals and updateIntervalRange, allowed is one of them",
  ],
])("a sensor with %s is refused", (fields, refusal) => {
  const type = fields.startsWith("type") ? "" : "type: 2, ";
  const text = boardWith(`sensors: [ { id: 0, name: temp, ${type}${fields} } ]`);
  expect(refusalOf(text)).toContain(`firmware.sensors[0].${refusal.split(": ")[0]} `);
  expect(refusalOf(text)).toContain(refusal.slice(refusal.indexOf(": ")));
});

test("ids are there once, and devices refer to those that are there", () => {
  const text = boardWith(
    "sensors: [ { id: 1, name: a, type: 2 }, { id: 1, name: b, type: 2 } ]",
    "performanceDomains: [ { id: 3, name: p, levels: [ { value: 1 } ] } ]",
    "devices: [ { id: 0, name: d, sensors: [1, 2], performanceDomains: [3, 3] } ]",
  );
  const refusal = refusalOf(text);
  expect(refusal).toMatch(/firmware\.sensors\[1\]\.id \(line \d+\): found 1, which sensors\[0\] has/);
  expect(refusal).toMatch(/devices\[0\]\.sensors\[1\] \(line \d+\): found 2, allowed is a listed sensor: 1/);
  expect(refusal).toMatch(
    /devices\[0\]\.performanceDomains\[1\] \(line \d+\): found 3 again, allowed is once/,
  );
});
