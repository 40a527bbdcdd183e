import { describe, expect, test } from "vitest";
import { board, fullBoard } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

/**
 * The refusals of every command in their order of precedence: each row of a command makes good one more fault than the row above,
 * and the last succeeds. Callers: 0 is trusted, 1 holds device 0, 2 holds nothing but device 1, which is everybody's.
 */
type Row = readonly [status: string, caller: number, ...payload: number[]];

type Checks = Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>>;

/** Ids below are in range of no kind, or in a gap, or guarded by device 0. */
const ABOVE = 4;
const GAP = 2;
const NONE = 0xffff_ffff;
const OFF = 0x4000_0000;

/** All of the optional messages. */
const EVERYTHING = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: true,
  resetAgentConfiguration: true,
};

const REF: Checks = {
  base: {
    PROTOCOL_VERSION: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    PROTOCOL_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    PROTOCOL_MESSAGE_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["PROTOCOL_ERROR", 2, 0, 0],
      ["NOT_FOUND", 2, 0x10],
      ["NOT_FOUND", 2, 0x100],
      ["SUCCESS", 2, 0x2],
    ],
    BASE_DISCOVER_VENDOR: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    BASE_DISCOVER_SUB_VENDOR: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    BASE_DISCOVER_IMPLEMENTATION_VERSION: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    BASE_DISCOVER_LIST_PROTOCOLS: [
      ["PROTOCOL_ERROR", 2],
      ["SUCCESS", 2, NONE],
      ["SUCCESS", 2, 0],
    ],
    BASE_DISCOVER_AGENT: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, 3],
      ["SUCCESS", 2, 0],
      ["SUCCESS", 2, NONE],
    ],
    BASE_NOTIFY_ERRORS: [["NOT_SUPPORTED", 2, 0, 0]],
    BASE_SET_DEVICE_PERMISSIONS: [
      ["PROTOCOL_ERROR", 1, 3, GAP, NONE, 0],
      ["DENIED", 1, 3, GAP, NONE],
      ["INVALID_PARAMETERS", 0, 3, GAP, NONE],
      ["INVALID_PARAMETERS", 0, 1, GAP, NONE],
      ["INVALID_PARAMETERS", 0, 1, ABOVE, NONE],
      // Statically agent 2's; the reserved flag bits are ignored.
      ["DENIED", 0, 1, 3, NONE],
      ["SUCCESS", 0, 2, 3, NONE],
    ],
    BASE_SET_PROTOCOL_PERMISSIONS: [["NOT_SUPPORTED", 0, 0]],
    BASE_RESET_AGENT_CONFIGURATION: [
      ["PROTOCOL_ERROR", 1, 3],
      ["DENIED", 1, 3, NONE],
      ["INVALID_PARAMETERS", 0, 3, NONE],
      ["SUCCESS", 0, 2, NONE],
    ],
    NEGOTIATE_PROTOCOL_VERSION: [["NOT_SUPPORTED", 0, 0x2_0000]],
  },
  power: {
    PROTOCOL_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    POWER_DOMAIN_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, 0x1_0001],
      ["INVALID_PARAMETERS", 2, ABOVE],
      ["NOT_FOUND", 2, GAP],
      ["SUCCESS", 2, 1],
    ],
    POWER_STATE_SET: [
      ["PROTOCOL_ERROR", 2, NONE, ABOVE],
      ["INVALID_PARAMETERS", 2, NONE, ABOVE, NONE],
      ["INVALID_PARAMETERS", 2, NONE, GAP, NONE],
      ["INVALID_PARAMETERS", 2, NONE, 0x1_0001, NONE],
      ["DENIED", 2, NONE, 1, NONE],
      // OFF at count 0; flags, the asynchronous one too, and all of the state but bit 30 are ignored.
      ["BUSY", 1, NONE, 1, NONE],
      ["SUCCESS", 1, NONE, 1, 0xbfff_ffff],
    ],
    POWER_STATE_GET: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, ABOVE],
      ["INVALID_PARAMETERS", 2, GAP],
      ["SUCCESS", 2, 1],
    ],
    POWER_STATE_NOTIFY: [["NOT_SUPPORTED", 1, 1, 1]],
    POWER_STATE_CHANGE_REQUESTED_NOTIFY: [["NOT_SUPPORTED", 1, 1, 1]],
    POWER_DOMAIN_NAME_GET: [["NOT_SUPPORTED", 1, 1]],
  },
  clock: {
    PROTOCOL_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    CLOCK_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, ABOVE],
      ["NOT_FOUND", 2, GAP],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_DESCRIBE_RATES: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["INVALID_PARAMETERS", 2, ABOVE, NONE],
      ["INVALID_PARAMETERS", 2, GAP, NONE],
      ["OUT_OF_RANGE", 2, 0, NONE],
      ["OUT_OF_RANGE", 2, 0, 2],
      ["SUCCESS", 2, 0, 1],
      // Of a range, the index is ignored.
      ["SUCCESS", 2, 1, NONE],
    ],
    CLOCK_RATE_SET: [
      ["PROTOCOL_ERROR", 2, NONE, ABOVE, 1],
      ["INVALID_PARAMETERS", 2, NONE, ABOVE, 1, 1],
      ["INVALID_PARAMETERS", 2, NONE, GAP, 1, 1],
      ["DENIED", 2, NONE, 0, 1, 1],
      ["INVALID_PARAMETERS", 1, NONE, 0, 24_000_000, 1],
      ["INVALID_PARAMETERS", 1, NONE, 0, 24_000_001, 0],
      ["SUCCESS", 1, NONE, 0, 1_843_200, 0],
    ],
    CLOCK_RATE_GET: [
      ["PROTOCOL_ERROR", 2, 0, 0],
      ["INVALID_PARAMETERS", 2, ABOVE],
      ["INVALID_PARAMETERS", 2, GAP],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_CONFIG_SET: [
      ["PROTOCOL_ERROR", 2, ABOVE, NONE, 0],
      ["INVALID_PARAMETERS", 2, ABOVE, NONE],
      ["INVALID_PARAMETERS", 2, GAP, NONE],
      ["DENIED", 2, 0, NONE],
      ["SUCCESS", 1, 0, NONE],
    ],
    CLOCK_NAME_GET: [["NOT_SUPPORTED", 1, 0]],
    CLOCK_RATE_NOTIFY: [["NOT_SUPPORTED", 1, 0, 1]],
    CLOCK_RATE_CHANGE_REQUESTED_NOTIFY: [["NOT_SUPPORTED", 1, 0, 1]],
    CLOCK_CONFIG_GET: [["NOT_SUPPORTED", 1, 0, 0]],
    CLOCK_POSSIBLE_PARENTS_GET: [["NOT_SUPPORTED", 1, 0, 0]],
    CLOCK_PARENT_SET: [["NOT_SUPPORTED", 1, 0, 0]],
    CLOCK_PARENT_GET: [["NOT_SUPPORTED", 1, 0]],
    CLOCK_GET_PERMISSIONS: [["NOT_SUPPORTED", 1, 0]],
  },
  reset: {
    PROTOCOL_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    RESET_DOMAIN_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, ABOVE],
      ["NOT_FOUND", 2, GAP],
      ["SUCCESS", 2, 0],
    ],
    RESET: [
      ["PROTOCOL_ERROR", 2, ABOVE, NONE],
      ["NOT_FOUND", 2, ABOVE, NONE, NONE],
      ["NOT_FOUND", 2, GAP, NONE, NONE],
      ["DENIED", 2, 0, NONE, NONE],
      ["SUCCESS", 1, 0, NONE, 0xff],
    ],
    RESET_NOTIFY: [["NOT_SUPPORTED", 1, 0, 1]],
    RESET_DOMAIN_NAME_GET: [["NOT_SUPPORTED", 1, 0]],
  },
};

const V32: Checks = {
  base: {
    PROTOCOL_VERSION: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    PROTOCOL_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    PROTOCOL_MESSAGE_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, 0x55],
      ["SUCCESS", 2, 0x9],
    ],
    BASE_DISCOVER_VENDOR: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    BASE_DISCOVER_SUB_VENDOR: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    BASE_DISCOVER_IMPLEMENTATION_VERSION: [
      ["PROTOCOL_ERROR", 2, 0],
      ["SUCCESS", 2],
    ],
    BASE_DISCOVER_LIST_PROTOCOLS: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, NONE],
      ["INVALID_PARAMETERS", 2, 3],
      ["SUCCESS", 2, 2],
    ],
    BASE_DISCOVER_AGENT: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, 3],
      ["SUCCESS", 2, 0],
      ["SUCCESS", 2, NONE],
    ],
    BASE_SET_DEVICE_PERMISSIONS: [
      ["PROTOCOL_ERROR", 1, 3, GAP],
      ["DENIED", 1, 3, GAP, NONE],
      ["NOT_FOUND", 0, 3, GAP, NONE],
      ["NOT_FOUND", 0, 1, GAP, NONE],
      ["INVALID_PARAMETERS", 0, 1, 3, NONE],
      ["DENIED", 0, 1, 3, 1],
      // What is statically another's cannot be taken either.
      ["DENIED", 0, 1, 3, 0],
      ["SUCCESS", 0, 2, 3, 1],
      ["SUCCESS", 0, 2, 3, 0],
    ],
    BASE_RESET_AGENT_CONFIGURATION: [
      ["PROTOCOL_ERROR", 1, 3],
      ["DENIED", 1, 3, NONE],
      ["NOT_FOUND", 0, 3, NONE],
      ["INVALID_PARAMETERS", 0, 2, NONE],
      ["SUCCESS", 0, 2, 0],
      ["SUCCESS", 0, 2, 1],
    ],
    BASE_NOTIFY_ERRORS: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, 0xf],
      ["SUCCESS", 2, 1],
      ["SUCCESS", 2, 0],
    ],
    BASE_SET_PROTOCOL_PERMISSIONS: [
      ["PROTOCOL_ERROR", 1, 3, GAP, NONE],
      ["DENIED", 1, 3, GAP, NONE, NONE],
      ["NOT_FOUND", 0, 3, GAP, NONE, NONE],
      ["NOT_FOUND", 0, 1, GAP, NONE, NONE],
      // Base, a protocol that the board has not, one under reserved bits.
      ["NOT_FOUND", 0, 1, 3, 0x10, NONE],
      ["NOT_FOUND", 0, 1, 3, 0x12, NONE],
      ["NOT_FOUND", 0, 1, 3, 0x114, NONE],
      ["INVALID_PARAMETERS", 0, 1, 3, 0x14, NONE],
      ["DENIED", 0, 1, 3, 0x14, 1],
      ["DENIED", 0, 1, 3, 0x14, 0],
      ["SUCCESS", 0, 2, 3, 0x14, 1],
    ],
    NEGOTIATE_PROTOCOL_VERSION: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_SUPPORTED", 2, 0x1_0000],
      ["NOT_SUPPORTED", 2, 0x2_0001],
      ["SUCCESS", 2, 0x2_0000],
    ],
  },
  power: {
    PROTOCOL_MESSAGE_ATTRIBUTES: [
      ["NOT_FOUND", 2, 0x9],
      ["SUCCESS", 2, 0x8],
      ["SUCCESS", 2, 0x10],
    ],
    POWER_DOMAIN_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, GAP],
      ["SUCCESS", 2, 1],
    ],
    POWER_STATE_SET: [
      ["PROTOCOL_ERROR", 2, NONE, ABOVE],
      ["NOT_FOUND", 2, NONE, ABOVE, NONE],
      ["NOT_FOUND", 2, NONE, GAP, NONE],
      ["DENIED", 2, NONE, 1, NONE],
      ["INVALID_PARAMETERS", 1, NONE, 1, NONE],
      ["NOT_SUPPORTED", 1, 1, 1, NONE],
      ["INVALID_PARAMETERS", 1, 0, 1, NONE],
      ["INVALID_PARAMETERS", 1, 0, 1, 1],
      ["SUCCESS", 1, 0, 1, OFF],
      ["SUCCESS", 1, 0, 1, 0],
    ],
    POWER_STATE_GET: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, 1],
    ],
    POWER_STATE_NOTIFY: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["DENIED", 2, 1, NONE],
      ["INVALID_PARAMETERS", 1, 1, 0xf],
      ["SUCCESS", 1, 1, 1],
      ["SUCCESS", 1, 1, 0],
    ],
    POWER_STATE_CHANGE_REQUESTED_NOTIFY: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["DENIED", 2, 1, NONE],
      ["INVALID_PARAMETERS", 1, 1, 0xf],
      ["SUCCESS", 1, 1, 1],
      ["SUCCESS", 1, 1, 0],
    ],
    POWER_DOMAIN_NAME_GET: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, 1],
    ],
    NEGOTIATE_PROTOCOL_VERSION: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_SUPPORTED", 2, 0x2_0001],
      ["NOT_SUPPORTED", 2, 0x3_0002],
      ["SUCCESS", 2, 0x3_0000],
      ["SUCCESS", 2, 0x3_0001],
    ],
  },
  clock: {
    CLOCK_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, GAP],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_DESCRIBE_RATES: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["OUT_OF_RANGE", 2, 0, NONE],
      ["OUT_OF_RANGE", 2, 0, 2],
      ["OUT_OF_RANGE", 2, 1, 1],
      ["SUCCESS", 2, 0, 0],
      ["SUCCESS", 2, 1, 0],
    ],
    CLOCK_RATE_SET: [
      ["PROTOCOL_ERROR", 2, NONE, ABOVE, 1],
      ["NOT_FOUND", 2, NONE, ABOVE, 1, 1],
      ["NOT_FOUND", 2, NONE, GAP, 1, 1],
      ["DENIED", 2, NONE, 0, 1, 1],
      ["INVALID_PARAMETERS", 1, 0x10, 0, 1_843_200, 0],
      ["INVALID_PARAMETERS", 1, 1, 0, 1_843_200, 0],
      ["INVALID_PARAMETERS", 1, 0, 0, 1, 0],
      ["SUCCESS", 1, 0xe, 0, 1_843_200, 0],
    ],
    CLOCK_RATE_GET: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_CONFIG_SET: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      // The short form is not enough for an extended configuration.
      ["PROTOCOL_ERROR", 2, ABOVE, 0x1_0000],
      ["NOT_FOUND", 2, ABOVE, 0x1_0002, 0],
      ["NOT_FOUND", 2, GAP, 0x1_0002, 0],
      ["INVALID_PARAMETERS", 2, 0, 0x1_0002, 0],
      ["INVALID_PARAMETERS", 2, 0, 0x1_0000, 0],
      ["INVALID_PARAMETERS", 2, 0, 0x0_0002, 0],
      ["INVALID_PARAMETERS", 2, 0, 0x0_0003, 0],
      ["INVALID_PARAMETERS", 2, 0, 0xf, 0],
      // The permission comes last.
      ["DENIED", 2, 0, 1, 0],
      ["SUCCESS", 1, 0, 1, 0],
      ["SUCCESS", 1, 0, 1],
    ],
    CLOCK_NAME_GET: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_RATE_NOTIFY: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["DENIED", 2, 0, NONE],
      ["INVALID_PARAMETERS", 1, 0, 0xf],
      ["SUCCESS", 1, 0, 1],
      ["SUCCESS", 1, 0, 0],
    ],
    CLOCK_RATE_CHANGE_REQUESTED_NOTIFY: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["DENIED", 2, 0, NONE],
      ["INVALID_PARAMETERS", 1, 0, 0xf],
      ["SUCCESS", 1, 0, 1],
      ["SUCCESS", 1, 0, 0],
    ],
    CLOCK_CONFIG_GET: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["INVALID_PARAMETERS", 2, 0, 0x80],
      ["INVALID_PARAMETERS", 2, 0, 0x100],
      ["SUCCESS", 2, 0, 0],
    ],
    CLOCK_POSSIBLE_PARENTS_GET: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["NOT_SUPPORTED", 2, 0, 0],
    ],
    CLOCK_PARENT_SET: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, 0],
      ["NOT_FOUND", 2, 0, ABOVE],
      ["DENIED", 2, 0, 1],
      ["NOT_SUPPORTED", 1, 0, 1],
    ],
    CLOCK_PARENT_GET: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_SUPPORTED", 2, 0],
    ],
    CLOCK_GET_PERMISSIONS: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, 0],
    ],
    NEGOTIATE_PROTOCOL_VERSION: [
      ["NOT_SUPPORTED", 2, 0x2_0000],
      ["SUCCESS", 2, 0x3_0000],
    ],
  },
  reset: {
    RESET_DOMAIN_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, GAP],
      ["SUCCESS", 2, 0],
    ],
    RESET: [
      ["PROTOCOL_ERROR", 2, ABOVE, NONE],
      ["NOT_FOUND", 2, ABOVE, NONE, NONE],
      ["NOT_FOUND", 2, GAP, NONE, NONE],
      ["DENIED", 2, 0, NONE, NONE],
      ["INVALID_PARAMETERS", 1, 0, 0xf8, 0],
      ["INVALID_PARAMETERS", 1, 0, 5, 0],
      ["INVALID_PARAMETERS", 1, 0, 1, 0xff],
      ["SUCCESS", 1, 0, 1, 0x8000_00ff],
      ["SUCCESS", 1, 0, 1, 0],
    ],
    RESET_NOTIFY: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, ABOVE, NONE],
      ["DENIED", 2, 0, NONE],
      ["INVALID_PARAMETERS", 1, 0, 0xf],
      ["SUCCESS", 1, 0, 1],
      ["SUCCESS", 1, 0, 0],
    ],
    RESET_DOMAIN_NAME_GET: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, 0],
    ],
    NEGOTIATE_PROTOCOL_VERSION: [
      ["NOT_SUPPORTED", 2, 0x1_0000],
      ["SUCCESS", 2, 0x3_0001],
    ],
  },
};

describe.each([
  ["ref", REF],
  ["v32", V32],
] as const)("profile %s", (profile, checks) => {
  for (const [protocol, commands] of Object.entries(checks)) {
    test.each(Object.entries(commands))(`${protocol} %s`, (message, rows) => {
      const answers = rows.map(([, caller, ...payload]) =>
        new TestFirmware(fullBoard(profile, { supports: EVERYTHING })).status(
          caller,
          protocol,
          message,
          ...payload,
        ),
      );
      expect(answers).toEqual(rows.map(([status]) => status));
    });
  }

  test("a command that a board's firmware does not support is absent", () => {
    const supports = {
      discoverAgent: false,
      setDevicePermissions: false,
      setProtocolPermissions: false,
      resetAgentConfiguration: false,
    };
    const firmware = new TestFirmware(board(profile, { supports }));
    const messages = [
      ["BASE_DISCOVER_AGENT", 0x7],
      ["BASE_SET_DEVICE_PERMISSIONS", 0x9],
      ["BASE_SET_PROTOCOL_PERMISSIONS", 0xa],
      ["BASE_RESET_AGENT_CONFIGURATION", 0xb],
    ] as const;
    for (const [message, id] of messages) {
      expect(firmware.status(0, "base", message)).toBe("NOT_SUPPORTED");
      expect(firmware.status(0, "base", "PROTOCOL_MESSAGE_ATTRIBUTES", id)).toBe("NOT_FOUND");
    }
  });

  test("a protocol that the board does not list is not there, whatever is sent to it", () => {
    const firmware = new TestFirmware(fullBoard(profile, { protocols: ["clock", "sensor"] }));
    expect(firmware.status(1, "clock", "PROTOCOL_VERSION")).toBe("SUCCESS");
    expect(firmware.status(1, "power", "PROTOCOL_VERSION")).toBe("NOT_SUPPORTED");
    expect(firmware.status(1, "reset", "RESET", 0)).toBe("NOT_SUPPORTED");
  });
});
