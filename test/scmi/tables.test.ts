import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { composeWord, type Field, readBits, reservedBits, u32, word } from "#scmi/fields.ts";
import { packHeader, unpackHeader } from "#scmi/header.ts";
import { layoutFor, widthOf } from "#scmi/layout.ts";
import { CLOCK } from "#scmi/protocols/clock.ts";
import { commandById, commandsOf, findCommand, PROTOCOLS, protocolById } from "#scmi/registry.ts";
import { statusName } from "#scmi/status.ts";

/**
 * Payload bytes of every message as scmi-reference.md gives them, newest first where versions differ; `+n` is a list of items of n
 * bytes.
 */
const SIZES: Readonly<Record<string, readonly [id: number, request: string, response: string]>> = {
  "base PROTOCOL_VERSION": [0x0, "0", "8"],
  "base PROTOCOL_ATTRIBUTES": [0x1, "0", "8"],
  "base PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "base BASE_DISCOVER_VENDOR": [0x3, "0", "20"],
  "base BASE_DISCOVER_SUB_VENDOR": [0x4, "0", "20"],
  "base BASE_DISCOVER_IMPLEMENTATION_VERSION": [0x5, "0", "8"],
  "base BASE_DISCOVER_LIST_PROTOCOLS": [0x6, "4", "8+1"],
  "base BASE_DISCOVER_AGENT": [0x7, "4", "24 20"],
  "base BASE_NOTIFY_ERRORS": [0x8, "4", "4"],
  "base BASE_SET_DEVICE_PERMISSIONS": [0x9, "12", "4"],
  "base BASE_SET_PROTOCOL_PERMISSIONS": [0xa, "16", "4"],
  "base BASE_RESET_AGENT_CONFIGURATION": [0xb, "8", "4"],
  "base NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "power PROTOCOL_VERSION": [0x0, "0", "8"],
  "power PROTOCOL_ATTRIBUTES": [0x1, "0", "20"],
  "power PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "power POWER_DOMAIN_ATTRIBUTES": [0x3, "4", "24"],
  "power POWER_STATE_SET": [0x4, "12", "4"],
  "power POWER_STATE_GET": [0x5, "4", "8"],
  "power POWER_STATE_NOTIFY": [0x6, "8", "4"],
  "power POWER_STATE_CHANGE_REQUESTED_NOTIFY": [0x7, "8", "4"],
  "power POWER_DOMAIN_NAME_GET": [0x8, "4", "72"],
  "power NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "system PROTOCOL_VERSION": [0x0, "0", "8"],
  "system PROTOCOL_ATTRIBUTES": [0x1, "0", "8"],
  "system PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "system SYSTEM_POWER_STATE_SET": [0x3, "8", "4"],
  "system SYSTEM_POWER_STATE_GET": [0x4, "0", "8"],
  "system SYSTEM_POWER_STATE_NOTIFY": [0x5, "4", "4"],
  "system NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "performance PROTOCOL_VERSION": [0x0, "0", "8"],
  "performance PROTOCOL_ATTRIBUTES": [0x1, "0", "20"],
  "performance PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "performance PERFORMANCE_DOMAIN_ATTRIBUTES": [0x3, "4", "36"],
  "performance PERFORMANCE_DESCRIBE_LEVELS": [0x4, "8", "8+20 8+12"],
  "performance PERFORMANCE_LIMITS_SET": [0x5, "12", "4"],
  "performance PERFORMANCE_LIMITS_GET": [0x6, "4", "12"],
  "performance PERFORMANCE_LEVEL_SET": [0x7, "8", "4"],
  "performance PERFORMANCE_LEVEL_GET": [0x8, "4", "8"],
  "performance PERFORMANCE_NOTIFY_LIMITS": [0x9, "8", "4"],
  "performance PERFORMANCE_NOTIFY_LEVEL": [0xa, "8", "4"],
  "performance PERFORMANCE_DESCRIBE_FASTCHANNEL": [0xb, "8", "48"],
  "performance PERFORMANCE_DOMAIN_NAME_GET": [0xc, "4", "72"],
  "performance NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "clock PROTOCOL_VERSION": [0x0, "0", "8"],
  "clock PROTOCOL_ATTRIBUTES": [0x1, "0", "8"],
  "clock PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "clock CLOCK_ATTRIBUTES": [0x3, "4", "28 24"],
  "clock CLOCK_DESCRIBE_RATES": [0x4, "8", "8+8"],
  "clock CLOCK_RATE_SET": [0x5, "16", "4"],
  "clock CLOCK_RATE_GET": [0x6, "4", "12"],
  "clock CLOCK_CONFIG_SET": [0x7, "12 8", "4"],
  "clock CLOCK_NAME_GET": [0x8, "4", "72"],
  "clock CLOCK_RATE_NOTIFY": [0x9, "8", "4"],
  "clock CLOCK_RATE_CHANGE_REQUESTED_NOTIFY": [0xa, "8", "4"],
  "clock CLOCK_CONFIG_GET": [0xb, "8", "16"],
  "clock CLOCK_POSSIBLE_PARENTS_GET": [0xc, "8", "8+4"],
  "clock CLOCK_PARENT_SET": [0xd, "8", "4"],
  "clock CLOCK_PARENT_GET": [0xe, "4", "8"],
  "clock CLOCK_GET_PERMISSIONS": [0xf, "4", "8"],
  "clock NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "sensor PROTOCOL_VERSION": [0x0, "0", "8"],
  "sensor PROTOCOL_ATTRIBUTES": [0x1, "0", "20"],
  "sensor PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "sensor SENSOR_DESCRIPTION_GET": [0x3, "4", "8+28"],
  "sensor SENSOR_TRIP_POINT_NOTIFY": [0x4, "8", "4"],
  "sensor SENSOR_TRIP_POINT_CONFIG": [0x5, "16", "4"],
  "sensor SENSOR_READING_GET": [0x6, "8", "4+16 4+8"],
  "sensor SENSOR_AXIS_DESCRIPTION_GET": [0x7, "8", "8+28"],
  "sensor SENSOR_LIST_UPDATE_INTERVALS": [0x8, "8", "8+4"],
  "sensor SENSOR_CONFIG_GET": [0x9, "4", "8"],
  "sensor SENSOR_CONFIG_SET": [0xa, "8", "4"],
  "sensor SENSOR_CONTINUOUS_UPDATE_NOTIFY": [0xb, "8", "4"],
  "sensor SENSOR_NAME_GET": [0xc, "4", "72"],
  "sensor SENSOR_AXIS_NAME_GET": [0xd, "8", "8+68"],
  "sensor NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "reset PROTOCOL_VERSION": [0x0, "0", "8"],
  "reset PROTOCOL_ATTRIBUTES": [0x1, "0", "8"],
  "reset PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "reset RESET_DOMAIN_ATTRIBUTES": [0x3, "4", "28"],
  "reset RESET": [0x4, "12", "4"],
  "reset RESET_NOTIFY": [0x5, "8", "4"],
  "reset RESET_DOMAIN_NAME_GET": [0x6, "4", "72"],
  "reset NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "voltage PROTOCOL_VERSION": [0x0, "0", "8"],
  "voltage PROTOCOL_ATTRIBUTES": [0x1, "0", "8"],
  "voltage PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "voltage VOLTAGE_DOMAIN_ATTRIBUTES": [0x3, "4", "24"],
  "voltage VOLTAGE_DESCRIBE_LEVELS": [0x4, "8", "8+4"],
  "voltage VOLTAGE_CONFIG_SET": [0x5, "8", "4"],
  "voltage VOLTAGE_CONFIG_GET": [0x6, "4", "8"],
  "voltage VOLTAGE_LEVEL_SET": [0x7, "12", "4"],
  "voltage VOLTAGE_LEVEL_GET": [0x8, "4", "8"],
  "voltage VOLTAGE_DOMAIN_NAME_GET": [0x9, "4", "72"],
  "voltage NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "powercap PROTOCOL_VERSION": [0x0, "0", "8"],
  "powercap PROTOCOL_ATTRIBUTES": [0x1, "0", "8"],
  "powercap PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "powercap POWERCAP_DOMAIN_ATTRIBUTES": [0x3, "4", "72 60"],
  "powercap POWERCAP_CAP_GET": [0x4, "8 4", "8"],
  "powercap POWERCAP_CAP_SET": [0x5, "16 12", "4"],
  "powercap POWERCAP_PAI_GET": [0x6, "4", "8"],
  "powercap POWERCAP_PAI_SET": [0x7, "12", "4"],
  "powercap POWERCAP_DOMAIN_NAME_GET": [0x8, "4", "72"],
  "powercap POWERCAP_MEASUREMENTS_GET": [0x9, "4", "12"],
  "powercap POWERCAP_CAP_NOTIFY": [0xa, "8", "4"],
  "powercap POWERCAP_MEASUREMENTS_NOTIFY": [0xb, "16", "4"],
  "powercap POWERCAP_DESCRIBE_FASTCHANNEL": [0xc, "12 8", "48"],
  "powercap POWERCAP_CPC_ATTRIBUTES": [0xd, "8", "8+48"],
  "powercap POWERCAP_CAI_GET": [0xe, "8", "8"],
  "powercap POWERCAP_CAI_SET": [0xf, "16", "4"],
  "powercap NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
  "pinctrl PROTOCOL_VERSION": [0x0, "0", "8"],
  "pinctrl PROTOCOL_ATTRIBUTES": [0x1, "0", "12"],
  "pinctrl PROTOCOL_MESSAGE_ATTRIBUTES": [0x2, "4", "8"],
  "pinctrl PINCTRL_ATTRIBUTES": [0x3, "8", "24"],
  "pinctrl PINCTRL_LIST_ASSOCIATIONS": [0x4, "12", "8+2"],
  "pinctrl PINCTRL_SETTINGS_GET": [0x5, "8", "12+8"],
  "pinctrl PINCTRL_SETTINGS_CONFIGURE": [0x6, "12+8", "4"],
  "pinctrl PINCTRL_REQUEST": [0x7, "8", "4"],
  "pinctrl PINCTRL_RELEASE": [0x8, "8", "4"],
  "pinctrl PINCTRL_NAME_GET": [0x9, "8", "72"],
  "pinctrl PINCTRL_SET_PERMISSIONS": [0xa, "12", "4"],
  "pinctrl NEGOTIATE_PROTOCOL_VERSION": [0x10, "4", "4"],
};

const everyCommand = PROTOCOLS.flatMap(commandsOf);

test("every message has the id and the sizes of the reference", () => {
  const sizes = everyCommand.map(({ protocolName, name, id, requestLayouts, responseLayouts }) => {
    const [request, response] = [requestLayouts, responseLayouts].map((layouts) =>
      layouts.map(({ size, list }) => `${size}${list === null ? "" : `+${widthOf(list.item)}`}`).join(" "),
    );
    return [`${protocolName} ${name}`, [id, request, response]];
  });
  expect(Object.fromEntries(sizes)).toEqual(SIZES);
});

test("versions are the newest of the reference", () => {
  expect(PROTOCOLS.map(({ name, protocolId, version }) => [name, protocolId, version])).toEqual([
    ["base", 0x10, 0x2_0001],
    ["power", 0x11, 0x3_0001],
    ["system", 0x12, 0x2_0001],
    ["performance", 0x13, 0x4_0000],
    ["clock", 0x14, 0x3_0000],
    ["sensor", 0x15, 0x3_0001],
    ["reset", 0x16, 0x3_0001],
    ["voltage", 0x17, 0x2_0001],
    ["powercap", 0x18, 0x3_0000],
    ["pinctrl", 0x19, 0x1_0000],
  ]);
});

test("every answer starts with its status, and a list is the last field", () => {
  for (const { a2p, p2a } of everyCommand) {
    expect(Object.entries(p2a)[0]).toEqual(["status", { kind: "i32" }]);
    for (const fields of [a2p, p2a]) {
      const lists = Object.values(fields).map(({ kind }) => kind === "list");
      expect(lists.slice(0, -1)).not.toContain(true);
    }
  }
});

test("no two parts of a word share a bit", () => {
  for (const { name, a2p, p2a } of everyCommand) {
    for (const field of [...Object.values(a2p), ...Object.values(p2a)] as Field[]) {
      if (field.kind !== "u32") continue;
      const taken = Object.values(field.bits ?? {}).flatMap(({ low, width }) =>
        Array.from({ length: width }, (_, i) => low + i),
      );
      expect(new Set(taken).size, name).toBe(taken.length);
      expect(Math.max(0, ...taken), name).toBeLessThan(32);
    }
  }
});

test("what an iteration names is there", () => {
  const walks = everyCommand.filter(({ iteration }) => iteration !== undefined);
  expect(walks.map(({ name }) => name)).toEqual([
    "BASE_DISCOVER_LIST_PROTOCOLS",
    "PERFORMANCE_DESCRIBE_LEVELS",
    "CLOCK_DESCRIBE_RATES",
    "CLOCK_POSSIBLE_PARENTS_GET",
    "SENSOR_DESCRIPTION_GET",
    "SENSOR_AXIS_DESCRIPTION_GET",
    "SENSOR_LIST_UPDATE_INTERVALS",
    "SENSOR_AXIS_NAME_GET",
    "VOLTAGE_DESCRIBE_LEVELS",
    "POWERCAP_CPC_ATTRIBUTES",
    "PINCTRL_LIST_ASSOCIATIONS",
    "PINCTRL_SETTINGS_GET",
  ]);
  for (const { a2p, p2a, iteration } of walks) {
    expect(p2a[iteration?.list as string]?.kind).toBe("list");
    for (const [fields, path] of [
      [a2p, iteration?.index],
      [p2a, iteration?.returned],
      [p2a, iteration?.remaining ?? iteration?.returned],
    ] as const) {
      const [name = "", part] = (path as string).split(".");
      expect(fields).toHaveProperty(part === undefined ? [name] : [name, "bits", part]);
    }
  }
});

test("a version word chooses the newest layout that is not newer", () => {
  const { responseLayouts } = CLOCK.commands.CLOCK_ATTRIBUTES;
  expect([0x1_0000, 0x1_ffff, 0x2_0000, 0x3_0000].map((v) => layoutFor(responseLayouts, v).size)).toEqual([
    24, 24, 28, 28,
  ]);
});

test("words are taken apart and composed by their parts", () => {
  const { attributes } = CLOCK.commands.CLOCK_CONFIG_SET.a2p;
  expect(reservedBits(attributes)).toBe(0xff00_fffc);
  expect([reservedBits(u32), reservedBits(word({ bits: {} }))]).toEqual([0, 0xffff_ffff]);
  expect(composeWord(attributes, { state: 3, extendedConfigType: 0xff })).toBe(0x00ff_0003);
  expect(readBits(0xff12_0002, attributes.bits.extendedConfigType)).toBe(0x12);
  const { permissions } = CLOCK.commands.CLOCK_GET_PERMISSIONS.p2a;
  expect(composeWord(permissions, { stateControl: true, rateControl: true })).toBe(0xa000_0000);
});

test.each([
  [0x10, 0x0, 0, 0, 0x0000_4000],
  [0x14, 0x5, 3, 0, 0x000c_5005],
  [0x16, 0x4, 0x3ff, 0, 0x0ffc_5804],
  [0x14, 0x5, 3, 2, 0x000c_5205],
  [0x10, 0x0, 0, 3, 0x0000_4300],
])(
  "header of protocol %i, message %i, token %i, type %i",
  (protocolId, messageId, token, messageType, header) => {
    expect(packHeader(protocolId, messageId, token, messageType)).toBe(header);
    expect(unpackHeader(header)).toEqual({ protocolId, messageId, token, messageType });
    expect(unpackHeader((header | 0xf000_0000) >>> 0)).toEqual({ protocolId, messageId, token, messageType });
  },
);

test("a status without a name is its number", () => {
  expect([0, -3, -11, -12, 2].map(statusName)).toEqual(["SUCCESS", "DENIED", "IN_USE", "-12", "2"]);
});

test.each([
  ["clock", "CLOCK_RATE_SET"],
  ["CLOCK", "clock_rate_set"],
  [0x14, 5],
  ["0x14", "0x5"],
  ["20", "5"],
])("a command is found as %s %s", (protocol, message) => {
  expect(findCommand(protocol, message)).toBe(CLOCK.commands.CLOCK_RATE_SET);
});

test.each([
  ["clocks", "CLOCK_RATE_SET", /no message CLOCK_RATE_SET of protocol clocks; .*protocol clock \(0x14\)/],
  ["clock", "RATE_SET", /no message RATE_SET of protocol clock; .*CLOCK_RATE_SET \(0x5\)/],
  ["clock", 0x55, /no message 85 of protocol clock/],
  [0x114, 5, /of protocol 276/],
  [-1, 5, /of protocol -1/],
  ["", "", /there is no message {2}of protocol ;/],
  ["toString", "constructor", /of protocol toString/],
  ["clock", "constructor", /no message constructor/],
])("there is no command %s %s", (protocol, message, detail) => {
  const found = findCommand(protocol, message);
  expect(found).toMatchObject({ code: "scmi-unknown-message", detail: expect.stringMatching(detail) });
  expect(isProblem(found)).toBe(true);
});

test("ids find tables and rows, or nothing", () => {
  expect(protocolById(0x14)).toBe(CLOCK);
  expect(protocolById(0x1f)).toBe(undefined);
  expect(commandById(0x14, 0x5)).toBe(CLOCK.commands.CLOCK_RATE_SET);
  expect(commandById(0x14, 0x11)).toBe(undefined);
  expect(commandById(0x80, 0x0)).toBe(undefined);
});
