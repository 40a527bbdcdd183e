import { expect, test } from "vitest";
import { agents, board } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange, type Frame } from "./support/frames.ts";
import { powerAndPins, voltageDomain } from "./support/power-and-pins.ts";

/** Voltage domain management of `v32`. Callers: 1 holds domain 0, 2 holds nothing. */

/** Every command, its refusals in their order: each row makes good one more fault than the row above. */
const FRAMES: readonly Frame[] = [
  ["PROTOCOL_VERSION", 2, "00000004 00005C00", "0000000C 00000000 00020001"],
  ["PROTOCOL_VERSION too long", 2, "00000008 00005C00 00000000", "00000008 FFFFFFF6"],
  ["PROTOCOL_ATTRIBUTES", 2, "00000004 00005C01", "0000000C 00000000 00000004"],
  ["PROTOCOL_ATTRIBUTES too long", 2, "00000008 00005C01 00000000", "00000008 FFFFFFF6"],
  ["MESSAGE_ATTRIBUTES too short", 2, "00000004 00005C02", "00000008 FFFFFFF6"],
  ["MESSAGE_ATTRIBUTES of 0xA", 2, "00000008 00005C02 0000000A", "00000008 FFFFFFFC"],
  ["MESSAGE_ATTRIBUTES of 0x9", 2, "00000008 00005C02 00000009", "0000000C 00000000 00000000"],
  ["an unknown message", 2, "00000004 00005C0A", "00000008 FFFFFFFF"],

  ["DOMAIN_ATTRIBUTES too short", 2, "00000004 00005C03", "00000008 FFFFFFF6"],
  ["DOMAIN_ATTRIBUTES above", 2, "00000008 00005C03 00000004", "00000008 FFFFFFFC"],
  ["DOMAIN_ATTRIBUTES of a gap", 2, "00000008 00005C03 00000002", "00000008 FFFFFFFC"],
  [
    "DOMAIN_ATTRIBUTES",
    2,
    "00000008 00005C03 00000000",
    "0000001C 00000000 00000000 65726F63 00000000 00000000 00000000",
  ],
  [
    "DOMAIN_ATTRIBUTES of a long name",
    2,
    "00000008 00005C03 00000001",
    "0000001C 00000000 40000000 2D757067 2D646E61 70736964 0079616C",
  ],

  ["DESCRIBE_LEVELS too short", 2, "00000008 00005C04 00000004", "00000008 FFFFFFF6"],
  ["DESCRIBE_LEVELS above", 2, "0000000C 00005C04 00000004 00000004", "00000008 FFFFFFFC"],
  ["DESCRIBE_LEVELS past the end", 2, "0000000C 00005C04 00000000 00000004", "00000008 FFFFFFFB"],
  [
    "DESCRIBE_LEVELS of a list",
    2,
    "0000000C 00005C04 00000000 00000000",
    "0000001C 00000000 00000004 FFFFEC78 00000000 000DBBA0 000F4240",
  ],
  [
    "DESCRIBE_LEVELS from the third",
    2,
    "0000000C 00005C04 00000000 00000002",
    "00000014 00000000 00000002 000DBBA0 000F4240",
  ],
  ["DESCRIBE_LEVELS of a range from 1", 2, "0000000C 00005C04 00000001 00000001", "00000008 FFFFFFFB"],
  [
    "DESCRIBE_LEVELS of a range",
    2,
    "0000000C 00005C04 00000001 00000000",
    "00000018 00000000 00001003 FFFFD8F0 00124F80 00001388",
  ],

  ["CONFIG_SET too short", 2, "00000008 00005C05 00000004", "00000008 FFFFFFF6"],
  ["CONFIG_SET above", 2, "0000000C 00005C05 00000004 0000000F", "00000008 FFFFFFFC"],
  ["CONFIG_SET denied", 2, "0000000C 00005C05 00000000 0000000F", "00000008 FFFFFFFD"],
  [
    "CONFIG_SET of a mode of the platform's own",
    1,
    "0000000C 00005C05 00000000 0000000F",
    "00000008 FFFFFFFE",
  ],
  ["CONFIG_SET of a mode between", 1, "0000000C 00005C05 00000000 00000001", "00000008 FFFFFFFE"],
  ["CONFIG_SET with reserved bits", 1, "0000000C 00005C05 00000000 00000017", "00000008 FFFFFFFE"],
  ["CONFIG_SET off", 1, "0000000C 00005C05 00000000 00000000", "00000008 00000000"],
  ["CONFIG_SET on", 1, "0000000C 00005C05 00000000 00000007", "00000008 00000000"],

  ["CONFIG_GET too short", 2, "00000004 00005C06", "00000008 FFFFFFF6"],
  ["CONFIG_GET above", 2, "00000008 00005C06 00000004", "00000008 FFFFFFFC"],
  ["CONFIG_GET of a gap", 2, "00000008 00005C06 00000002", "00000008 FFFFFFFC"],
  ["CONFIG_GET on", 2, "00000008 00005C06 00000000", "0000000C 00000000 00000007"],
  ["CONFIG_GET off", 2, "00000008 00005C06 00000001", "0000000C 00000000 00000000"],

  ["LEVEL_SET too short", 2, "0000000C 00005C07 00000004 00000001", "00000008 FFFFFFF6"],
  ["LEVEL_SET above", 2, "00000010 00005C07 00000004 00000003 00000001", "00000008 FFFFFFFC"],
  ["LEVEL_SET denied", 2, "00000010 00005C07 00000000 00000003 00000001", "00000008 FFFFFFFD"],
  ["LEVEL_SET asynchronously", 1, "00000010 00005C07 00000000 00000003 00000001", "00000008 FFFFFFFF"],
  ["LEVEL_SET with reserved flags", 1, "00000010 00005C07 00000000 00000002 00000000", "00000008 FFFFFFFE"],
  ["LEVEL_SET of another level", 1, "00000010 00005C07 00000000 00000000 00000001", "00000008 FFFFFFFE"],
  ["LEVEL_SET below ground", 1, "00000010 00005C07 00000000 00000000 FFFFEC78", "00000008 00000000"],
  ["LEVEL_SET between steps", 2, "00000010 00005C07 00000001 00000000 00000001", "00000008 FFFFFFFE"],
  ["LEVEL_SET above the range", 2, "00000010 00005C07 00000001 00000000 00126308", "00000008 FFFFFFFE"],
  ["LEVEL_SET of the lowest", 2, "00000010 00005C07 00000001 00000000 FFFFD8F0", "00000008 00000000"],

  ["LEVEL_GET too short", 2, "00000004 00005C08", "00000008 FFFFFFF6"],
  ["LEVEL_GET above", 2, "00000008 00005C08 00000004", "00000008 FFFFFFFC"],
  ["LEVEL_GET", 2, "00000008 00005C08 00000000", "0000000C 00000000 000DBBA0"],

  ["NAME_GET too short", 2, "00000004 00005C09", "00000008 FFFFFFF6"],
  ["NAME_GET above", 2, "00000008 00005C09 00000004", "00000008 FFFFFFFC"],
  [
    "NAME_GET",
    2,
    "00000008 00005C09 00000001",
    `0000004C 00000000 00000000 2D757067 2D646E61 70736964 2D79616C 6C696172${" 00000000".repeat(11)}`,
  ],

  ["NEGOTIATE too short", 2, "00000004 00005C10", "00000008 FFFFFFF6"],
  ["NEGOTIATE of 1.0", 2, "00000008 00005C10 00010000", "00000008 FFFFFFFF"],
  ["NEGOTIATE of 2.2", 2, "00000008 00005C10 00020002", "00000008 FFFFFFFF"],
  ["NEGOTIATE of 2.0", 2, "00000008 00005C10 00020000", "00000008 00000000"],
];

test.each(FRAMES)("frame %s", (_, caller, request, response) => {
  expect(exchange(new TestFirmware(powerAndPins("v32")), caller, request)).toBe(response);
});

test("level and mode are kept apart, and are what the board says at power-on", () => {
  const firmware = new TestFirmware(powerAndPins("v32"));
  const cells = () => firmware.state.voltage.ids().map((id) => firmware.state.voltage.at(id));
  expect(cells()).toEqual([
    { level: 900_000, on: true },
    { level: 500_000, on: false },
    { level: 1_800_000, on: false },
  ]);
  expect(firmware.status(1, "voltage", "VOLTAGE_CONFIG_SET", 0, 0)).toBe("SUCCESS");
  expect(firmware.status(2, "voltage", "VOLTAGE_LEVEL_SET", 1, 0, -10_000 >>> 0)).toBe("SUCCESS");
  expect(firmware.call(2, "voltage", "VOLTAGE_LEVEL_GET", 0)).toEqual([0, 900_000]);
  expect(firmware.call(2, "voltage", "VOLTAGE_CONFIG_GET", 1)).toEqual([0, 0]);
  expect(cells().slice(0, 2)).toEqual([
    { level: 900_000, on: false },
    { level: -10_000, on: false },
  ]);
});

test("a long list of levels is walked in messages of 23", () => {
  const levels = Array.from({ length: 50 }, (_, i) => -100 + i);
  const firmware = new TestFirmware(
    board("v32", {
      protocols: ["voltage"],
      voltageDomains: [voltageDomain(0, "fine", { levels, level: -100 })],
    }),
  );
  const walked: number[] = [];
  const counts: number[] = [];
  for (let index = 0, remaining = 1; remaining > 0; ) {
    const [, word = 0, ...found] = firmware.call(1, "voltage", "VOLTAGE_DESCRIBE_LEVELS", 0, index);
    walked.push(...found.map((level) => level | 0));
    counts.push(word & 0xfff);
    index += word & 0xfff;
    remaining = word >>> 16;
  }
  expect([walked, counts]).toEqual([levels, [23, 23, 4]]);
});

test("with a page of its own, an agent can have the level set later, one that is wrong is refused at once", () => {
  const p2a = agents(3).map((agent) => ({ ...agent, p2a: 0x4800_0000 + agent.id * 0x1000 }));
  const firmware = new TestFirmware(powerAndPins("v32", { agents: p2a }));
  expect(firmware.call(1, "voltage", "VOLTAGE_DOMAIN_ATTRIBUTES", 0)[1]).toBe(0x8000_0000);
  expect(firmware.status(1, "voltage", "VOLTAGE_LEVEL_SET", 0, 1, 1)).toBe("INVALID_PARAMETERS");
  expect(firmware.status(1, "voltage", "VOLTAGE_LEVEL_SET", 0, 1, 0)).toBe("SUCCESS");
  expect(firmware.call(1, "voltage", "VOLTAGE_LEVEL_GET", 0)).toEqual([0, 900_000]);
  expect(firmware.state.pending.ids()).toEqual([1]);
});
