import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { parseBoard } from "#config/board/file.ts";
import { TestFirmware } from "./support/firmware.ts";

/** SCP's own orders of checks and answers. @see scmi-reference.md 1.6, 4.2 to 4.9, 5.3, Appendix D */

const PROTOCOLS = ["power", "system", "performance", "clock", "sensor", "reset", "voltage", "powercap"];

/**
 * Agent 1 runs an operating system, 2 is EL3's PSCI and may not use clocks and resets, 3 manages the machine. Device 1 has a
 * resource of every kind that agent 1 alone is denied, and every kind has a second that no device lists.
 */
const FIRMWARE = {
  profile: "scp",
  vendor: "arm",
  supports: { setProtocolPermissions: true },
  protocols: PROTOCOLS,
  systemPower: { warmReset: true, suspend: false },
  agents: [
    ["OSPM", { type: "ospm" }],
    ["PSCI", { type: "psci", deniedProtocols: ["clock", "reset"] }],
    ["VMM", { type: "management" }],
  ].map(([name, more], i) => ({
    ...(more as object),
    name,
    id: i + 1,
    funcId: 0x8200_0002 + i,
    shmem: 0x47ff_0000 + i * 0x1000,
  })),
  powerDomains: [
    { id: 0, name: "pd0" },
    { id: 1, name: "pd1" },
  ],
  performanceDomains: [0, 1].map((id) => ({
    id,
    name: `perf${id}`,
    levels: [{ value: 10 }, { value: 20 }, { value: 30 }],
    level: 20,
  })),
  clocks: [
    { id: 0, name: "clk0", rates: [1, 2], rate: 1 },
    { id: 1, name: "clk1", rates: [1, 2], rate: 1 },
  ],
  sensors: [
    { id: 0, name: "temp0", type: 2, reading: 20 },
    { id: 1, name: "temp1", type: 2, reading: 30 },
  ],
  resets: [
    { id: 0, name: "rst0" },
    { id: 1, name: "rst1" },
  ],
  voltageDomains: [0, 1].map((id) => ({
    id,
    name: `vdd${id}`,
    levels: [100, 200],
    level: 100,
    mode: "on",
  })),
  devices: [
    {
      id: 0,
      name: "zero",
      defaultAccess: "all",
    },
    {
      id: 1,
      name: "one",
      powerDomains: [0],
      performanceDomains: [0],
      clocks: [0],
      sensors: [0],
      resets: [0],
      voltageDomains: [0],
      defaultAccess: [2, 3],
    },
  ],
};

function scp(more: object = {}): TestFirmware {
  const text = JSON.stringify({ name: "scp", deviceTree: "host.dtb", firmware: { ...FIRMWARE, ...more } });
  const board = parseBoard(text, "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return new TestFirmware(board.firmware);
}

type Row = readonly [
  name: string,
  agentId: number,
  protocol: string,
  message: string,
  payload: readonly number[],
  expected: string,
];

const ROWS: readonly Row[] = [
  // Power: id, permission, flags and state, asynchronous.
  ["unknown id before all", 1, "power", "POWER_STATE_SET", [2, 9, 0xffff_ffff], "NOT_FOUND"],
  ["an id beyond 16 bits", 1, "power", "POWER_STATE_GET", [0x1_0000], "NOT_FOUND"],
  ["denied before wrong flags", 1, "power", "POWER_STATE_SET", [2, 0, 0xffff_ffff], "DENIED"],
  ["wrong flags", 1, "power", "POWER_STATE_SET", [2, 1, 0], "INVALID_PARAMETERS"],
  ["wrong state", 1, "power", "POWER_STATE_SET", [0, 1, 0x8000_0000], "INVALID_PARAMETERS"],
  ["asynchronous", 1, "power", "POWER_STATE_SET", [1, 1, 0], "NOT_SUPPORTED"],
  ["attributes", 1, "power", "POWER_DOMAIN_ATTRIBUTES", [0], "DENIED"],
  ["state", 1, "power", "POWER_STATE_GET", [0], "DENIED"],
  ["notify, reserved bits", 1, "power", "POWER_STATE_NOTIFY", [1, 2], "INVALID_PARAMETERS"],
  // Clock: flags, id, permission, asynchronous.
  ["flags before id", 1, "clock", "CLOCK_RATE_SET", [0x10, 9, 2, 0], "INVALID_PARAMETERS"],
  ["id before permission", 1, "clock", "CLOCK_RATE_SET", [1, 9, 2, 0], "NOT_FOUND"],
  ["permission before asynchronous", 1, "clock", "CLOCK_RATE_SET", [1, 0, 2, 0], "DENIED"],
  ["asynchronous", 1, "clock", "CLOCK_RATE_SET", [1, 1, 2, 0], "NOT_SUPPORTED"],
  ["id before reserved bits", 1, "clock", "CLOCK_CONFIG_SET", [9, 2], "NOT_FOUND"],
  ["reserved bits before permission", 1, "clock", "CLOCK_CONFIG_SET", [0, 2], "INVALID_PARAMETERS"],
  ["permission", 1, "clock", "CLOCK_CONFIG_SET", [0, 1], "DENIED"],
  ["rates", 1, "clock", "CLOCK_DESCRIBE_RATES", [0, 0], "DENIED"],
  ["rates beyond the end", 1, "clock", "CLOCK_DESCRIBE_RATES", [1, 2], "OUT_OF_RANGE"],
  ["rate", 1, "clock", "CLOCK_RATE_GET", [0], "DENIED"],
  // Reset: permission over everything; flags, state, id, mode.
  ["unknown id of a guarded kind", 1, "reset", "RESET", [9, 1, 0], "DENIED"],
  ["wrong size of a denied one", 1, "reset", "RESET", [0], "DENIED"],
  ["wrong size of another", 1, "reset", "RESET", [1], "PROTOCOL_ERROR"],
  ["attributes", 1, "reset", "RESET_DOMAIN_ATTRIBUTES", [0], "DENIED"],
  ["reserved flags", 1, "reset", "RESET", [1, 8, 0], "INVALID_PARAMETERS"],
  ["an architectural state", 1, "reset", "RESET", [1, 1, 1], "INVALID_PARAMETERS"],
  ["asynchronous without autonomous", 1, "reset", "RESET", [1, 4, 0], "INVALID_PARAMETERS"],
  ["asynchronous", 1, "reset", "RESET", [1, 5, 0], "NOT_SUPPORTED"],
  ["autonomous", 1, "reset", "RESET", [1, 1, 0], "SUCCESS"],
  // Performance: id, permission, order, range.
  ["id", 1, "performance", "PERFORMANCE_LIMITS_SET", [9, 10, 20], "NOT_FOUND"],
  ["permission before order", 1, "performance", "PERFORMANCE_LIMITS_SET", [0, 10, 20], "DENIED"],
  ["order before range", 1, "performance", "PERFORMANCE_LIMITS_SET", [1, 1, 99], "INVALID_PARAMETERS"],
  ["range", 1, "performance", "PERFORMANCE_LIMITS_SET", [1, 99, 1], "OUT_OF_RANGE"],
  ["levels beyond the end", 1, "performance", "PERFORMANCE_DESCRIBE_LEVELS", [1, 3], "INVALID_PARAMETERS"],
  ["a level outside the limits", 1, "performance", "PERFORMANCE_LEVEL_SET", [1, 31], "OUT_OF_RANGE"],
  ["levels", 1, "performance", "PERFORMANCE_DESCRIBE_LEVELS", [0, 0], "DENIED"],
  // Sensor.
  ["unknown sensor", 1, "sensor", "SENSOR_READING_GET", [9, 0], "NOT_FOUND"],
  ["denied sensor", 1, "sensor", "SENSOR_READING_GET", [0, 0], "DENIED"],
  ["asynchronous", 1, "sensor", "SENSOR_READING_GET", [1, 1], "NOT_SUPPORTED"],
  ["descriptions beyond the end", 1, "sensor", "SENSOR_DESCRIPTION_GET", [9], "INVALID_PARAMETERS"],
  // Voltage: permission, id, flags, range.
  ["unknown id of a guarded kind", 1, "voltage", "VOLTAGE_LEVEL_GET", [9], "DENIED"],
  ["permission before flags", 1, "voltage", "VOLTAGE_LEVEL_SET", [0, 2, 100], "DENIED"],
  ["flags", 1, "voltage", "VOLTAGE_LEVEL_SET", [1, 1, 999], "INVALID_PARAMETERS"],
  ["range", 1, "voltage", "VOLTAGE_LEVEL_SET", [1, 0, 999], "OUT_OF_RANGE"],
  ["no such level", 1, "voltage", "VOLTAGE_LEVEL_SET", [1, 0, 150], "INVALID_PARAMETERS"],
  ["level", 1, "voltage", "VOLTAGE_LEVEL_SET", [1, 0, 200], "SUCCESS"],
  ["mode", 1, "voltage", "VOLTAGE_CONFIG_SET", [1, 0x10], "INVALID_PARAMETERS"],
  // System power: flags, who, state, whether the board can.
  ["flags before who", 1, "system", "SYSTEM_POWER_STATE_SET", [2, 0], "INVALID_PARAMETERS"],
  ["an operating system", 1, "system", "SYSTEM_POWER_STATE_SET", [0, 9], "NOT_SUPPORTED"],
  ["unknown state", 2, "system", "SYSTEM_POWER_STATE_SET", [0, 5], "INVALID_PARAMETERS"],
  ["no suspend", 2, "system", "SYSTEM_POWER_STATE_SET", [0, 4], "NOT_SUPPORTED"],
  ["warm reset", 2, "system", "SYSTEM_POWER_STATE_SET", [0, 2], "SUCCESS"],
  ["power-up by PSCI", 2, "system", "SYSTEM_POWER_STATE_SET", [0, 3], "NOT_SUPPORTED"],
  ["power-up by management", 3, "system", "SYSTEM_POWER_STATE_SET", [0, 3], "SUCCESS"],
  ["state, of PSCI", 2, "system", "SYSTEM_POWER_STATE_GET", [], "NOT_SUPPORTED"],
  ["state", 1, "system", "SYSTEM_POWER_STATE_GET", [], "SUCCESS"],
  // A protocol that is denied.
  ["its version", 2, "clock", "PROTOCOL_VERSION", [], "DENIED"],
  ["its resources", 2, "clock", "CLOCK_RATE_GET", [1], "DENIED"],
  ["an unknown one of them", 2, "clock", "CLOCK_RATE_GET", [9], "DENIED"],
  ["a message of the wrong size", 2, "clock", "CLOCK_RATE_GET", [], "PROTOCOL_ERROR"],
  ["but for reset", 2, "reset", "RESET", [], "DENIED"],
];

describe("checks, in SCP's order", () => {
  test.each(ROWS)("%s (agent %i, %s %s)", (_, agentId, protocol, message, payload, expected) => {
    expect(scp().status(agentId, protocol, message, ...payload)).toBe(expected);
  });
});

test("what is missing is a message beyond the table, or a hole in it", () => {
  const firmware = scp();
  expect(firmware.statusOfId(1, 0x14, 0x8)).toBe("NOT_FOUND");
  expect(firmware.statusOfId(1, 0x10, 0x8)).toBe("NOT_SUPPORTED");
  expect(firmware.statusOfId(1, 0x10, 0x8, 1)).toBe("PROTOCOL_ERROR");
  expect(firmware.status(1, "base", "PROTOCOL_MESSAGE_ATTRIBUTES", 0x8)).toBe("NOT_FOUND");
  expect(firmware.statusOfId(1, 0x55, 0)).toBe("NOT_SUPPORTED");
  // A refusal of resets comes before that too.
  expect(firmware.statusOfId(1, 0x16, 0x55)).toBe("DENIED");
});

test("a protocol that an agent may not use is neither counted nor listed", () => {
  const firmware = scp();
  const seen = (agentId: number) => {
    const [, , ...list] = firmware.call(agentId, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 0);
    const bytes = list.flatMap((word) => [
      word & 0xff,
      (word >>> 8) & 0xff,
      (word >>> 16) & 0xff,
      word >>> 24,
    ]);
    return [(firmware.call(agentId, "base", "PROTOCOL_ATTRIBUTES")[1] ?? 0) & 0xff, ...bytes];
  };
  expect(seen(1)).toEqual([8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18]);
  expect(seen(2)).toEqual([6, 0x11, 0x12, 0x13, 0x15, 0x17, 0x18, 0, 0]);
});

test("a clock runs while any agent that started it has not stopped it, and each sees its own", () => {
  const firmware = scp();
  const runs = (agentId: number) => (firmware.call(agentId, "clock", "CLOCK_ATTRIBUTES", 1)[1] ?? 0) & 1;
  expect(firmware.status(1, "clock", "CLOCK_CONFIG_SET", 1, 1)).toBe("SUCCESS");
  // Who never started it stops nothing.
  expect(firmware.status(3, "clock", "CLOCK_CONFIG_SET", 1, 0)).toBe("SUCCESS");
  expect([runs(1), runs(3), firmware.state.clock.at(1).enabled]).toEqual([1, 0, true]);
  expect(firmware.status(3, "clock", "CLOCK_CONFIG_SET", 1, 1)).toBe("SUCCESS");
  expect(firmware.status(1, "clock", "CLOCK_CONFIG_SET", 1, 0)).toBe("SUCCESS");
  expect([runs(1), runs(3), firmware.state.clock.at(1).enabled]).toEqual([0, 1, true]);
  expect(firmware.status(3, "clock", "CLOCK_CONFIG_SET", 1, 0)).toBe("SUCCESS");
  expect(firmware.state.clock.at(1).enabled ?? false).toBe(false);
});

test("refusals that are longer than their status", () => {
  const firmware = scp();
  expect(firmware.call(1, "voltage", "VOLTAGE_DESCRIBE_LEVELS", 1, 9).length).toBe(2);
  const [status = 0, ...rest] = firmware.call(1, "powercap", "PROTOCOL_MESSAGE_ATTRIBUTES", 0x8);
  expect([status | 0, ...rest]).toEqual([-4, 0]);
});

const CAPS = [{ id: 0, name: "soc", range: { min: 10, max: 90, step: 10 }, cap: 50, unit: "mW" }];

test("a table of power caps denies each, and the unit stands one bit too high", () => {
  const guarded = {
    powerCaps: CAPS,
    devices: [{ id: 0, name: "caps", powerCaps: [0], defaultAccess: "all" }],
  };
  expect(scp(guarded).status(1, "powercap", "POWERCAP_CAP_GET", 0)).toBe("DENIED");

  const attributes = (unit: string) =>
    scp({ powerCaps: [{ ...CAPS[0], unit }], devices: [] }).call(
      1,
      "powercap",
      "POWERCAP_DOMAIN_ATTRIBUTES",
      0,
    )[1] ?? 0;
  const open = scp({ powerCaps: CAPS, devices: [] });
  expect(open.status(1, "powercap", "POWERCAP_CAP_GET", 0)).toBe("SUCCESS");
  const units = ["abstract", "uW", "mW"].map((unit) => attributes(unit) & 0x0380_0000);
  expect(units).toEqual([0, 0x0100_0000, 0x0200_0000]);
});

test("permissions by protocol change the device's resources of that protocol alone", () => {
  const firmware = scp({ switches: { scpPermNoop: false } });
  const set = (...payload: number[]) =>
    firmware.status(1, "base", "BASE_SET_PROTOCOL_PERMISSIONS", ...payload);
  expect(set(1, 1, 0x14, 1)).toBe("SUCCESS");
  expect(firmware.status(1, "clock", "CLOCK_RATE_GET", 0)).toBe("SUCCESS");
  expect(firmware.status(1, "power", "POWER_STATE_GET", 0)).toBe("DENIED");
  expect([set(1, 1, 0x12, 1), set(1, 1, 0x18, 1), set(1, 1, 0x114, 1)]).toEqual([
    "NOT_FOUND",
    "NOT_FOUND",
    "NOT_FOUND",
  ]);
  expect([set(9, 1, 0x10, 2), set(0, 9, 0x10, 2), set(1, 9, 0x10, 2), set(1, 9, 0x10, 0)]).toEqual([
    "NOT_FOUND",
    "SUCCESS",
    "INVALID_PARAMETERS",
    "DENIED",
  ]);
});

test("without devices there are no permissions to set", () => {
  const firmware = scp({ devices: [] });
  expect(firmware.status(1, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1)).toBe("NOT_FOUND");
  expect(firmware.status(1, "base", "BASE_SET_DEVICE_PERMISSIONS", 0, 0, 1)).toBe("SUCCESS");
  expect(firmware.status(1, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0)).toBe("NOT_FOUND");
  // Nothing guards resets, and so an unknown one is just that.
  expect(firmware.status(1, "reset", "RESET", 9, 1, 0)).toBe("NOT_FOUND");
});
