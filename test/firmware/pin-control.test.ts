import { describe, expect, test } from "vitest";
import { PIN_CONFIG_TYPES } from "#scmi/protocols/pin-control.ts";
import { board } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange, type Frame } from "./support/frames.ts";
import { pin, powerAndPins } from "./support/power-and-pins.ts";

/** Pin control of `v32`. Callers: 1 holds pins 0 and 1, 2 holds nothing. Pins 2 and 4, and group 2 of them, are everybody's. */

/** Every command, its refusals in their order: each row makes good one more fault than the row above. */
const FRAMES: readonly Frame[] = [
  ["PROTOCOL_VERSION", 2, "00000004 00006400", "0000000C 00000000 00010000"],
  ["PROTOCOL_ATTRIBUTES", 2, "00000004 00006401", "00000010 00000000 00030005 00000003"],
  ["PROTOCOL_ATTRIBUTES too long", 2, "00000008 00006401 00000000", "00000008 FFFFFFF6"],
  ["MESSAGE_ATTRIBUTES of REQUEST", 2, "00000008 00006402 00000007", "0000000C 00000000 00000000"],
  ["MESSAGE_ATTRIBUTES of SET_PERMISSIONS", 2, "00000008 00006402 0000000A", "00000008 FFFFFFFC"],
  ["SET_PERMISSIONS", 0, "00000010 0000640A 00000001 00000000 00000000", "00000008 FFFFFFFF"],

  ["ATTRIBUTES too short", 2, "00000008 00006403 00000005", "00000008 FFFFFFF6"],
  ["ATTRIBUTES of no selector", 2, "0000000C 00006403 00000005 0000000F", "00000008 FFFFFFFC"],
  ["ATTRIBUTES of a pin above", 2, "0000000C 00006403 00000005 0000000C", "00000008 FFFFFFFC"],
  ["ATTRIBUTES of a gap", 2, "0000000C 00006403 00000003 0000000C", "00000008 FFFFFFFC"],
  ["ATTRIBUTES of a group above", 2, "0000000C 00006403 00000003 00000001", "00000008 FFFFFFFC"],
  ["ATTRIBUTES of a function above", 2, "0000000C 00006403 00000003 00000002", "00000008 FFFFFFFC"],
  ["ATTRIBUTES with reserved bits", 2, "0000000C 00006403 00000000 0000000C", "00000008 FFFFFFFE"],
  [
    "ATTRIBUTES of a pin",
    2,
    "0000000C 00006403 00000000 00000000",
    "0000001C 00000000 00000001 00007874 00000000 00000000 00000000",
  ],
  [
    "ATTRIBUTES of a pin with a long name",
    2,
    "0000000C 00006403 00000004 00000000",
    "0000001C 00000000 80000001 69702D61 666F2D6E 6C2D612D 00676E6F",
  ],
  [
    "ATTRIBUTES of a group",
    2,
    "0000000C 00006403 00000001 00000001",
    "0000001C 00000000 00000002 00697073 00000000 00000000 00000000",
  ],
  [
    "ATTRIBUTES of a function of pins",
    2,
    "0000000C 00006403 00000001 00000002",
    "0000001C 00000000 00030004 70675F66 00006F69 00000000 00000000",
  ],
  [
    "ATTRIBUTES of a function of groups, whose name is just too long",
    2,
    "0000000C 00006403 00000002 00000002",
    "0000001C 00000000 80000002 70735F66 6F635F69 6F72746E 00656C6C",
  ],

  ["LIST_ASSOCIATIONS too short", 2, "0000000C 00006404 00000003 00000000", "00000008 FFFFFFF6"],
  ["LIST_ASSOCIATIONS of a pin", 2, "00000010 00006404 00000003 00000000 00000002", "00000008 FFFFFFFE"],
  [
    "LIST_ASSOCIATIONS of no selector",
    2,
    "00000010 00006404 00000003 00000003 00000002",
    "00000008 FFFFFFFE",
  ],
  ["LIST_ASSOCIATIONS above", 2, "00000010 00006404 00000003 0000000D 00000002", "00000008 FFFFFFFC"],
  [
    "LIST_ASSOCIATIONS with reserved bits",
    2,
    "00000010 00006404 00000001 0000000D 00000002",
    "00000008 FFFFFFFE",
  ],
  ["LIST_ASSOCIATIONS past the end", 2, "00000010 00006404 00000001 00000001 00000002", "00000008 FFFFFFFB"],
  [
    "LIST_ASSOCIATIONS of a group",
    2,
    "00000010 00006404 00000001 00000001 00000000",
    "00000010 00000000 00000002 00020001",
  ],
  [
    "LIST_ASSOCIATIONS of a function, from the second, padded",
    2,
    "00000010 00006404 00000001 00000002 00000001",
    "00000014 00000000 00000003 00020001 00000004",
  ],

  ["SETTINGS_GET too short", 2, "00000008 00006405 00000005", "00000008 FFFFFFF6"],
  ["SETTINGS_GET of a function", 2, "0000000C 00006405 00000005 001E0000", "00000008 FFFFFFFE"],
  ["SETTINGS_GET above", 2, "0000000C 00006405 00000005 001C0000", "00000008 FFFFFFFC"],
  ["SETTINGS_GET of a gap", 2, "0000000C 00006405 00000003 001C0000", "00000008 FFFFFFFC"],
  ["SETTINGS_GET with reserved bits", 2, "0000000C 00006405 00000000 00100004", "00000008 FFFFFFFE"],
  [
    "SETTINGS_GET asking for what there is not",
    2,
    "0000000C 00006405 00000000 000C0000",
    "00000008 FFFFFFFE",
  ],
  ["SETTINGS_GET of type 0", 2, "0000000C 00006405 00000000 00000000", "00000008 FFFFFFFF"],
  ["SETTINGS_GET of type 21", 2, "0000000C 00006405 00000000 00000015", "00000008 FFFFFFFF"],
  ["SETTINGS_GET of all beyond the end", 2, "0000000C 00006405 00000000 00040100", "00000008 FFFFFFFB"],
  [
    "SETTINGS_GET of one that was not set",
    2,
    "0000000C 00006405 00000000 00000004",
    "00000018 00000000 00000000 00000001 00000004 00000000",
  ],
  [
    "SETTINGS_GET of all, of which there are none",
    2,
    "0000000C 00006405 00000000 00040000",
    "00000010 00000000 00000000 00000000",
  ],
  [
    "SETTINGS_GET of the function",
    2,
    "0000000C 00006405 00000000 00080000",
    "00000010 00000000 00000000 00000000",
  ],
  [
    "SETTINGS_GET of the function of a group",
    2,
    "0000000C 00006405 00000001 00090000",
    "00000010 00000000 FFFFFFFF 00000000",
  ],

  ["CONFIGURE too short", 2, "0000000C 00006406 00000005 FFFFFFFF", "00000008 FFFFFFF6"],
  [
    "CONFIGURE with half a config",
    2,
    "00000014 00006406 00000005 FFFFFFFF 00000007 00000001",
    "00000008 FFFFFFF6",
  ],
  [
    "CONFIGURE with a config less than told",
    2,
    "00000010 00006406 00000005 FFFFFFFF 00000007",
    "00000008 FFFFFFF6",
  ],
  [
    "CONFIGURE with twelve configs",
    2,
    `00000070 00006406 00000005 FFFFFFFF 00000033${" 00000004 00000001".repeat(12)}`,
    "00000008 FFFFFFFE",
  ],
  ["CONFIGURE of a function", 2, "00000010 00006406 00000005 FFFFFFFF 00000802", "00000008 FFFFFFFE"],
  ["CONFIGURE above", 2, "00000010 00006406 00000005 FFFFFFFF 00000C00", "00000008 FFFFFFFC"],
  ["CONFIGURE denied", 2, "00000010 00006406 00000000 FFFFFFFF 00000C00", "00000008 FFFFFFFD"],
  [
    "CONFIGURE of a group, one pin of which is denied",
    2,
    "00000010 00006406 00000001 00000002 00000401",
    "00000008 FFFFFFFD",
  ],
  ["CONFIGURE with reserved bits", 1, "00000010 00006406 00000000 FFFFFFFF 00000C00", "00000008 FFFFFFFE"],
  ["CONFIGURE of no function", 1, "00000010 00006406 00000000 FFFFFFFF 00000400", "00000008 FFFFFFFC"],
  [
    "CONFIGURE of a function of other groups",
    1,
    "00000010 00006406 00000000 00000002 00000400",
    "00000008 FFFFFFFE",
  ],
  [
    "CONFIGURE of an unknown type",
    1,
    "00000018 00006406 00000000 00000000 00000404 00000015 00000001",
    "00000008 FFFFFFFF",
  ],
  ["CONFIGURE of nothing", 1, "00000010 00006406 00000000 FFFFFFFF 00000000", "00000008 00000000"],
  [
    "CONFIGURE of a group: function and a config",
    1,
    "00000018 00006406 00000000 00000000 00000405 00000004 00000001",
    "00000008 00000000",
  ],

  ["REQUEST too short", 2, "00000008 00006407 00000005", "00000008 FFFFFFF6"],
  ["REQUEST of a function", 2, "0000000C 00006407 00000005 00000002", "00000008 FFFFFFFE"],
  ["REQUEST with reserved bits", 2, "0000000C 00006407 00000005 00000004", "00000008 FFFFFFFE"],
  ["REQUEST above", 2, "0000000C 00006407 00000005 00000000", "00000008 FFFFFFFC"],
  ["REQUEST denied", 2, "0000000C 00006407 00000000 00000000", "00000008 FFFFFFFD"],
  ["REQUEST of a pin", 1, "0000000C 00006407 00000000 00000000", "00000008 00000000"],
  ["REQUEST of a group", 1, "0000000C 00006407 00000000 00000001", "00000008 00000000"],

  ["RELEASE too short", 2, "00000008 00006408 00000005", "00000008 FFFFFFF6"],
  ["RELEASE of a function", 2, "0000000C 00006408 00000005 00000002", "00000008 FFFFFFFE"],
  ["RELEASE above", 2, "0000000C 00006408 00000005 00000000", "00000008 FFFFFFFC"],
  ["RELEASE denied", 2, "0000000C 00006408 00000000 00000000", "00000008 FFFFFFFD"],
  ["RELEASE of what nobody has", 2, "0000000C 00006408 00000002 00000000", "00000008 00000000"],

  ["NAME_GET too short", 2, "00000008 00006409 00000005", "00000008 FFFFFFF6"],
  ["NAME_GET of no selector", 2, "0000000C 00006409 00000005 00000003", "00000008 FFFFFFFC"],
  ["NAME_GET above", 2, "0000000C 00006409 00000005 00000004", "00000008 FFFFFFFC"],
  ["NAME_GET with reserved bits", 2, "0000000C 00006409 00000000 00000004", "00000008 FFFFFFFE"],
  [
    "NAME_GET",
    2,
    "0000000C 00006409 00000002 00000002",
    `0000004C 00000000 00000000 70735F66 6F635F69 6F72746E 72656C6C${" 00000000".repeat(12)}`,
  ],

  ["NEGOTIATE of 2.0", 2, "00000008 00006410 00020000", "00000008 FFFFFFFF"],
  ["NEGOTIATE of 1.0", 2, "00000008 00006410 00010000", "00000008 00000000"],
];

test.each(FRAMES)("frame %s", (_, caller, request, response) => {
  expect(exchange(new TestFirmware(powerAndPins("v32")), caller, request)).toBe(response);
});

const [PIN, GROUP] = [0, 1];
const { BIAS_PULL_UP, DRIVE_STRENGTH, DEFAULT } = PIN_CONFIG_TYPES;

/** One agent's calls: a status, or the words of the answer. */
function callerOf(firmware: TestFirmware, agentId: number) {
  return {
    status: (message: string, ...payload: number[]) =>
      firmware.status(agentId, "pinctrl", message, ...payload),
    configure: (id: number, selector: number, functionId: number | null, ...configs: [number, number][]) =>
      firmware.status(
        agentId,
        "pinctrl",
        "PINCTRL_SETTINGS_CONFIGURE",
        id,
        functionId ?? 0,
        ((functionId === null ? 0 : 1) << 10) | (configs.length << 2) | selector,
        ...configs.flat(),
      ),
    /** Function, and pairs of all configs. */
    settings: (id: number, selector: number, skip = 0) =>
      firmware.call(
        agentId,
        "pinctrl",
        "PINCTRL_SETTINGS_GET",
        id,
        (1 << 18) | (selector << 16) | (skip << 8),
      ),
  };
}

describe("a pin is one agent's alone", () => {
  test("from its request to its release", () => {
    const firmware = new TestFirmware(powerAndPins("v32"));
    const [zero, two] = [callerOf(firmware, 0), callerOf(firmware, 2)];
    expect(two.status("PINCTRL_REQUEST", 2, PIN)).toBe("SUCCESS");
    expect(two.status("PINCTRL_REQUEST", 2, PIN)).toBe("SUCCESS");
    expect(firmware.state.pin.get(2)).toEqual({ owner: 2 });
    expect(zero.status("PINCTRL_REQUEST", 2, PIN)).toBe("IN_USE");
    expect(zero.status("PINCTRL_RELEASE", 2, PIN)).toBe("IN_USE");
    expect(zero.configure(2, PIN, 1)).toBe("IN_USE");
    expect(two.configure(2, PIN, 1)).toBe("SUCCESS");
    expect(two.status("PINCTRL_RELEASE", 2, PIN)).toBe("SUCCESS");
    expect(zero.status("PINCTRL_REQUEST", 2, PIN)).toBe("SUCCESS");
    expect(firmware.state.pin.get(2)).toEqual({ owner: 0, function: 1 });
  });

  test("and a group is whole or not had", () => {
    const firmware = new TestFirmware(powerAndPins("v32"));
    const [one, two] = [callerOf(firmware, 1), callerOf(firmware, 2)];
    expect(two.status("PINCTRL_REQUEST", 2, PIN)).toBe("SUCCESS");
    // Group 1 has pin 2 too.
    expect(one.status("PINCTRL_REQUEST", 1, GROUP)).toBe("IN_USE");
    expect(one.configure(1, GROUP, 2)).toBe("IN_USE");
    expect(firmware.state.pin.get(1)).toBe(undefined);
    expect(two.status("PINCTRL_RELEASE", 2, GROUP)).toBe("SUCCESS");
    expect(one.status("PINCTRL_REQUEST", 1, GROUP)).toBe("SUCCESS");
    expect([1, 2, 4].map((id) => firmware.state.pin.get(id)?.owner)).toEqual([1, 1, undefined]);
  });

  test("until its agent is reset, with either flag; function and configs stay", () => {
    for (const flags of [0, 1]) {
      const firmware = new TestFirmware(powerAndPins("v32"));
      const two = callerOf(firmware, 2);
      two.status("PINCTRL_REQUEST", 2, GROUP);
      two.configure(4, PIN, 1, [DRIVE_STRENGTH, 8]);
      firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, flags);
      expect(firmware.state.pin.get(2)).toEqual({ owner: 2 });
      firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, flags);
      expect(firmware.state.pin.get(2)).toBe(undefined);
      expect(firmware.state.pin.get(4)).toEqual({ function: 1, [DRIVE_STRENGTH]: 8 });
    }
  });
});

describe("settings", () => {
  test("of a group are those of all its pins", () => {
    const firmware = new TestFirmware(powerAndPins("v32"));
    const one = callerOf(firmware, 1);
    expect(one.configure(0, GROUP, 0, [DRIVE_STRENGTH, 4], [BIAS_PULL_UP, 1])).toBe("SUCCESS");
    const pairs = [0, 2, BIAS_PULL_UP, 1, DRIVE_STRENGTH, 4];
    expect([one.settings(0, PIN), one.settings(1, PIN), one.settings(0, GROUP)]).toEqual([
      [0, ...pairs],
      [0, ...pairs],
      [0, ...pairs],
    ]);
    expect(one.settings(0, PIN, 1)).toEqual([0, 0, 1, DRIVE_STRENGTH, 4]);
    expect(one.settings(0, PIN, 2)).toEqual([0, 0, 0]);
    expect(one.settings(0, PIN, 3)).toEqual([-5 >>> 0]);
  });

  test("of type 0 take all configs back, in their place among the others", () => {
    const firmware = new TestFirmware(powerAndPins("v32"));
    const one = callerOf(firmware, 1);
    one.configure(1, PIN, null, [BIAS_PULL_UP, 1], [200, 7]);
    expect(one.configure(1, PIN, null, [DRIVE_STRENGTH, 2], [DEFAULT, 0], [200, 9])).toBe("SUCCESS");
    expect(one.settings(1, PIN)).toEqual([0, 0xffff_ffff, 1, 200, 9]);
  });

  test("are all made, or none", () => {
    const firmware = new TestFirmware(powerAndPins("v32"));
    const one = callerOf(firmware, 1);
    expect(one.configure(1, PIN, 1, [BIAS_PULL_UP, 1], [191, 1])).toBe("NOT_SUPPORTED");
    expect(firmware.state.pin.get(1)).toBe(undefined);
  });

  test("more than a message holds are told in several", () => {
    const firmware = new TestFirmware(powerAndPins("v32"));
    const two = callerOf(firmware, 2);
    const types = Array.from({ length: 20 }, (_, i) => i + 1);
    for (const type of types) two.configure(2, PIN, null, [type, type * 2]);
    const first = two.settings(2, PIN);
    expect([first[2], first.length]).toEqual([(9 << 24) | 11, 3 + 22]);
    const rest = two.settings(2, PIN, 11);
    expect([rest[2], rest.length]).toEqual([9, 3 + 18]);
    const told = [...first.slice(3), ...rest.slice(3)].filter((_, i) => i % 2 === 0);
    expect(told).toEqual(types);
  });

  test("a function is one that the pin or group can have", () => {
    const can = (id: number, selector: number, functionId: number) =>
      callerOf(new TestFirmware(powerAndPins("v32", { devices: [] })), 2).configure(id, selector, functionId);
    // Function 0 is of group 0, function 1 of all pins, function 2 of groups 1 and 2.
    expect([can(0, PIN, 0), can(2, PIN, 0), can(2, PIN, 2)]).toEqual([
      "SUCCESS",
      "INVALID_PARAMETERS",
      "SUCCESS",
    ]);
    expect([can(0, GROUP, 1), can(0, GROUP, 2), can(1, GROUP, 2), can(1, GROUP, 0)]).toEqual([
      "SUCCESS",
      "INVALID_PARAMETERS",
      "SUCCESS",
      "INVALID_PARAMETERS",
    ]);
  });
});

test("a long list of associations is walked in messages of 46", () => {
  const pins = Array.from({ length: 65 }, (_, id) => pin(id, `gpio${id}`));
  const groups = [{ id: 0, name: "all", pins: pins.map(({ id }) => id) }];
  const firmware = new TestFirmware(board("v32", { protocols: ["pinctrl"], pins, groups }));
  const list = (index: number) => firmware.call(1, "pinctrl", "PINCTRL_LIST_ASSOCIATIONS", 0, GROUP, index);
  expect(list(0).slice(0, 3)).toEqual([0, (19 << 16) | 46, 0x1_0000]);
  expect(list(46)).toHaveLength(2 + 10);
  expect(list(46)[1]).toBe(19);
});
