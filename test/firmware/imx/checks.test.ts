import { describe, expect, test } from "vitest";
import { Imx, NONE, OFF, ON } from "./board.ts";

/**
 * The refusals of every command in their order: each row of a command makes good one more fault than the row above, and the last
 * succeeds. Agent 0 may do everything, 1 what SET allows, 2 nothing.
 */
type Row = readonly [status: string, caller: number, ...payload: number[]];

const ABOVE = 4;
const FUSED = 2;
const ASYNC = 1;

const CHECKS: Readonly<Record<string, Readonly<Record<string, readonly Row[]>>>> = {
  base: {
    PROTOCOL_MESSAGE_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, 0x8],
      ["NOT_FOUND", 2, 0xa],
      // Longer than its fields is no fault.
      ["SUCCESS", 2, 0x10, 0, 0],
    ],
    BASE_DISCOVER_LIST_PROTOCOLS: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, NONE],
      ["INVALID_PARAMETERS", 2, 8],
      ["SUCCESS", 2, 7],
    ],
    BASE_DISCOVER_AGENT: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, 4],
      ["SUCCESS", 2, 3],
    ],
    BASE_SET_DEVICE_PERMISSIONS: [
      ["PROTOCOL_ERROR", 2, 0, 9],
      ["NOT_FOUND", 2, 0, 9, NONE],
      ["NOT_FOUND", 2, 4, 9, NONE],
      ["NOT_FOUND", 2, 1, 9, NONE],
      ["DENIED", 1, 1, 3, NONE],
      ["NOT_FOUND", 0, 1, FUSED, NONE],
      ["SUCCESS", 0, 1, 3, NONE],
    ],
    BASE_RESET_AGENT_CONFIGURATION: [
      ["PROTOCOL_ERROR", 2, 0],
      ["NOT_FOUND", 2, 0, NONE],
      ["NOT_FOUND", 2, 4, NONE],
      ["DENIED", 1, 3, NONE],
      ["SUCCESS", 0, 3, NONE],
    ],
    NEGOTIATE_PROTOCOL_VERSION: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_SUPPORTED", 2, 0x1_0000],
      ["NOT_SUPPORTED", 2, 0x2_0002],
      ["SUCCESS", 2, 0x2_0001],
      ["SUCCESS", 2, 0x2_0000],
    ],
    BASE_NOTIFY_ERRORS: [["NOT_SUPPORTED", 0, 1]],
    BASE_SET_PROTOCOL_PERMISSIONS: [["NOT_SUPPORTED", 0, 1, 0, 0x14, 1]],
  },
  power: {
    POWER_DOMAIN_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    POWER_STATE_SET: [
      ["PROTOCOL_ERROR", 2, ASYNC, ABOVE],
      ["NOT_FOUND", 2, ASYNC, ABOVE, 7],
      ["DENIED", 2, ASYNC, 3, 7],
      ["NOT_SUPPORTED", 1, ASYNC, 3, 7],
      ["INVALID_PARAMETERS", 1, 2, 3, 7],
      ["INVALID_PARAMETERS", 1, 2, 3, OFF + 1],
      ["NOT_FOUND", 1, 2, FUSED, ON],
      ["SUCCESS", 1, 2, 3, ON],
    ],
    POWER_STATE_GET: [
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 3],
    ],
    POWER_STATE_NOTIFY: [["NOT_SUPPORTED", 0, 0, 1]],
    POWER_DOMAIN_NAME_GET: [["NOT_SUPPORTED", 0, 0]],
  },
  performance: {
    PERFORMANCE_DOMAIN_ATTRIBUTES: [
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, FUSED],
      ["NOT_FOUND", 2, 1],
      ["SUCCESS", 2, 0],
    ],
    PERFORMANCE_DESCRIBE_LEVELS: [
      ["NOT_FOUND", 2, ABOVE, 9],
      ["NOT_FOUND", 2, FUSED, 9],
      ["OUT_OF_RANGE", 2, 0, 5],
      ["SUCCESS", 2, 0, 4],
    ],
    PERFORMANCE_LIMITS_SET: [
      ["PROTOCOL_ERROR", 2, ABOVE, 0],
      ["NOT_FOUND", 2, ABOVE, 0, 0],
      ["DENIED", 2, 0, 0, 0],
      ["NOT_SUPPORTED", 1, FUSED, 0, 0],
      ["NOT_SUPPORTED", 0, 0, 1, 0],
    ],
    PERFORMANCE_LIMITS_GET: [
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    PERFORMANCE_LEVEL_SET: [
      ["NOT_FOUND", 1, ABOVE, 9],
      ["DENIED", 1, 0, 9],
      ["NOT_FOUND", 0, FUSED, 9],
      ["INVALID_PARAMETERS", 0, 0, 5],
      ["SUCCESS", 0, 0, 4],
    ],
    PERFORMANCE_LEVEL_GET: [
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    PERFORMANCE_NOTIFY_LEVEL: [["NOT_SUPPORTED", 0, 0, 1]],
  },
  clock: {
    CLOCK_ATTRIBUTES: [
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_DESCRIBE_RATES: [
      ["NOT_FOUND", 2, ABOVE, 1],
      ["OUT_OF_RANGE", 2, 0, 1],
      ["NOT_FOUND", 2, FUSED, 0],
      ["SUCCESS", 2, 0, 0],
    ],
    CLOCK_RATE_SET: [
      ["PROTOCOL_ERROR", 1, ASYNC, ABOVE, 155],
      ["NOT_FOUND", 1, ASYNC, ABOVE, 155, 0],
      ["DENIED", 1, ASYNC, 0, 155, 0],
      ["INVALID_PARAMETERS", 0, ASYNC, 0, 160, 0],
      ["NOT_FOUND", 0, NONE - 1, FUSED, 1, 0],
      ["INVALID_PARAMETERS", 0, NONE - 1, 0, 155, 0],
      ["SUCCESS", 0, NONE - 1, 0, 160, 0],
    ],
    CLOCK_CONFIG_SET: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      // An extended type needs its word.
      ["PROTOCOL_ERROR", 2, ABOVE, 0x80_0002],
      ["NOT_FOUND", 2, ABOVE, 0x80_0002, 0],
      ["INVALID_PARAMETERS", 2, 0, 0x80_0002, 0],
      ["INVALID_PARAMETERS", 2, 0, 3],
      ["DENIED", 2, 0, 1],
      ["DENIED", 1, 0, 0x7f_0001, 0],
      ["NOT_FOUND", 0, 0, 0x7f_0001, 0],
      ["NOT_FOUND", 1, FUSED, 1],
      ["SUCCESS", 1, 0, 1],
      ["SUCCESS", 0, 0, 0x80_0003, 5],
    ],
    CLOCK_CONFIG_GET: [
      ["NOT_FOUND", 2, ABOVE, 0],
      ["NOT_FOUND", 2, FUSED, 0],
      ["NOT_FOUND", 2, 0, 1],
      ["SUCCESS", 2, 0, 0x80],
    ],
    CLOCK_POSSIBLE_PARENTS_GET: [
      ["NOT_FOUND", 2, ABOVE, 9],
      ["NOT_FOUND", 2, FUSED, 9],
      ["NOT_SUPPORTED", 2, 1, 9],
      ["OUT_OF_RANGE", 2, 0, 2],
      ["SUCCESS", 2, 0, 1],
    ],
    CLOCK_PARENT_SET: [
      ["NOT_FOUND", 1, ABOVE, 9],
      ["DENIED", 1, 0, 9],
      ["NOT_FOUND", 0, FUSED, 9],
      ["INVALID_PARAMETERS", 0, 1, 0],
      ["INVALID_PARAMETERS", 0, 0, 9],
      ["SUCCESS", 0, 0, 1],
    ],
    CLOCK_PARENT_GET: [
      ["NOT_FOUND", 2, FUSED],
      ["INVALID_PARAMETERS", 2, 1],
      ["SUCCESS", 2, 0],
    ],
    CLOCK_GET_PERMISSIONS: [
      ["NOT_FOUND", 2, ABOVE],
      ["SUCCESS", 2, FUSED],
    ],
    CLOCK_NAME_GET: [["NOT_SUPPORTED", 0, 0]],
    CLOCK_RATE_NOTIFY: [["NOT_SUPPORTED", 0, 0, 1]],
  },
  sensor: {
    SENSOR_DESCRIPTION_GET: [
      ["PROTOCOL_ERROR", 2],
      ["INVALID_PARAMETERS", 2, ABOVE],
      ["SUCCESS", 2, 3],
    ],
    SENSOR_TRIP_POINT_NOTIFY: [
      ["NOT_FOUND", 2, ABOVE, 1],
      ["DENIED", 2, 0, 1],
      ["NOT_FOUND", 1, FUSED, 1],
      ["SUCCESS", 1, 1, NONE],
    ],
    SENSOR_TRIP_POINT_CONFIG: [
      ["NOT_FOUND", 1, ABOVE, 0x20, 0, 0],
      ["DENIED", 1, 0, 0x20, 0, 0],
      ["NOT_FOUND", 0, FUSED, 0x20, 0, 0],
      ["NOT_SUPPORTED", 0, 0, 0x20, 0, 0],
    ],
    SENSOR_READING_GET: [
      ["NOT_FOUND", 2, ABOVE, ASYNC],
      ["INVALID_PARAMETERS", 2, 0, ASYNC],
      ["NOT_FOUND", 2, FUSED, 2],
      ["PROTOCOL_ERROR", 2, 0, 2],
    ],
    SENSOR_CONFIG_GET: [
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    SENSOR_CONFIG_SET: [
      ["NOT_FOUND", 2, ABOVE, 3],
      ["DENIED", 2, 1, 3],
      ["NOT_FOUND", 1, FUSED, 3],
      ["NOT_SUPPORTED", 1, 1, 3],
      ["SUCCESS", 1, 1, 0xffff_fffd],
    ],
    SENSOR_AXIS_DESCRIPTION_GET: [["NOT_SUPPORTED", 0, 0, 0]],
    SENSOR_LIST_UPDATE_INTERVALS: [["NOT_SUPPORTED", 0, 0, 0]],
  },
  reset: {
    RESET_DOMAIN_ATTRIBUTES: [
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, 1],
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    RESET: [
      ["PROTOCOL_ERROR", 1, ABOVE, 5],
      ["NOT_FOUND", 1, ABOVE, 5, 1],
      ["DENIED", 1, 0, 5, 1],
      ["INVALID_PARAMETERS", 0, 0, 5, 0],
      ["INVALID_PARAMETERS", 0, 0, 1, 0x4000_0000],
      ["INVALID_PARAMETERS", 0, 0, 1, 1],
      ["NOT_FOUND", 0, FUSED, 1, 0],
      ["SUCCESS", 0, 0, 3, 0x8000_0001],
    ],
    RESET_NOTIFY: [["NOT_SUPPORTED", 0, 0, 1]],
  },
  voltage: {
    VOLTAGE_DOMAIN_ATTRIBUTES: [
      ["NOT_FOUND", 2, ABOVE],
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    VOLTAGE_DESCRIBE_LEVELS: [
      ["NOT_FOUND", 2, ABOVE, 1],
      ["OUT_OF_RANGE", 2, 0, 1],
      ["SUCCESS", 2, 0, 0],
    ],
    VOLTAGE_CONFIG_SET: [
      ["NOT_FOUND", 2, ABOVE, 1],
      ["DENIED", 2, 0, 1],
      ["INVALID_PARAMETERS", 1, 0, 1],
      ["INVALID_PARAMETERS", 1, 0, 15],
      ["NOT_FOUND", 1, FUSED, 7],
      ["SUCCESS", 1, 0, 0xfff7],
    ],
    VOLTAGE_CONFIG_GET: [
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    VOLTAGE_LEVEL_SET: [
      ["NOT_FOUND", 1, ABOVE, ASYNC, 1],
      ["DENIED", 1, 0, ASYNC, 1],
      ["NOT_SUPPORTED", 0, 0, ASYNC, 1],
      ["NOT_FOUND", 0, FUSED, 2, 1],
      ["INVALID_PARAMETERS", 0, 0, 2, 600_001],
      ["SUCCESS", 0, 0, 2, 612_500],
    ],
    VOLTAGE_LEVEL_GET: [
      ["NOT_FOUND", 2, FUSED],
      ["SUCCESS", 2, 0],
    ],
    VOLTAGE_DOMAIN_NAME_GET: [["NOT_SUPPORTED", 0, 0]],
  },
  pinctrl: {
    PINCTRL_ATTRIBUTES: [
      ["PROTOCOL_ERROR", 2, ABOVE],
      ["NOT_FOUND", 2, 0, 1],
      ["NOT_FOUND", 2, 0, 2],
      ["NOT_FOUND", 2, ABOVE, 0],
      ["NOT_FOUND", 2, FUSED, 0],
      ["SUCCESS", 2, 0, 0xfffc],
    ],
    PINCTRL_SETTINGS_GET: [
      ["NOT_SUPPORTED", 2, ABOVE, 0x1_0001],
      ["INVALID_PARAMETERS", 2, ABOVE, 0x2_0001],
      ["NOT_FOUND", 2, ABOVE, 1],
      ["NOT_FOUND", 2, FUSED, 1],
      ["NOT_SUPPORTED", 2, 0, 194],
      ["SUCCESS", 2, 0, 196],
    ],
    PINCTRL_SETTINGS_CONFIGURE: [
      ["PROTOCOL_ERROR", 1, ABOVE, 0, 5, 1],
      ["NOT_SUPPORTED", 1, ABOVE, 0, 5, 1, 1],
      ["INVALID_PARAMETERS", 1, ABOVE, 0, 6, 1, 1],
      ["NOT_SUPPORTED", 1, ABOVE, 0, 4, 1, 1],
      ["NOT_FOUND", 1, ABOVE, 0, 4, 192, 1],
      ["DENIED", 1, 0, 0, 4, 192, 1],
      ["NOT_FOUND", 0, FUSED, 0, 4, 192, 1],
      ["SUCCESS", 0, 0, NONE, 0x404, 192, 1],
      // Nothing to set, nothing to check.
      ["SUCCESS", 2, ABOVE, 0, 0],
    ],
    PINCTRL_REQUEST: [
      ["INVALID_PARAMETERS", 1, ABOVE, 1],
      ["NOT_FOUND", 1, ABOVE, 0],
      ["DENIED", 1, 0, 0],
      ["NOT_FOUND", 0, FUSED, 0],
      ["SUCCESS", 0, 0, 0],
    ],
    PINCTRL_RELEASE: [
      ["INVALID_PARAMETERS", 1, ABOVE, 3],
      ["NOT_FOUND", 1, ABOVE, 0],
      ["DENIED", 1, 0, 0],
      ["SUCCESS", 0, 0, 0],
    ],
    PINCTRL_LIST_ASSOCIATIONS: [["NOT_SUPPORTED", 0, 0, 1, 0]],
    PINCTRL_NAME_GET: [["NOT_SUPPORTED", 0, 0, 0]],
    PINCTRL_SET_PERMISSIONS: [["NOT_SUPPORTED", 0, 0, 0, 0]],
  },
  system: {
    SYSTEM_POWER_STATE_SET: [
      ["PROTOCOL_ERROR", 2, 1],
      ["DENIED", 2, 1, 5],
      ["DENIED", 1, 0, 5],
      ["DENIED", 1, 1, 0xc000_0000],
      ["INVALID_PARAMETERS", 1, 1, 5],
      ["NOT_SUPPORTED", 1, 1, 3],
      ["NOT_SUPPORTED", 1, 1, 4],
      ["NOT_SUPPORTED", 1, 1, 0x8000_0000],
      ["INVALID_PARAMETERS", 1, 1, 0x8000_0005],
      ["INVALID_PARAMETERS", 1, 1, 0xbfff_ffff],
      ["SUCCESS", 1, 1, 0],
      ["SUCCESS", 0, 0, 0xc000_0000],
    ],
    SYSTEM_POWER_STATE_GET: [["NOT_SUPPORTED", 0]],
    SYSTEM_POWER_STATE_NOTIFY: [
      ["PROTOCOL_ERROR", 2],
      ["NOT_SUPPORTED", 2, 1],
      ["SUCCESS", 1, NONE],
    ],
  },
};

for (const [protocol, commands] of Object.entries(CHECKS)) {
  describe(protocol, () => {
    test.each(Object.entries(commands))("%s", (command, rows) => {
      const found = rows.map(([, caller, ...payload]) =>
        new Imx().status(caller, protocol, command, ...payload),
      );
      expect(found).toEqual(rows.map(([status]) => status));
    });
  });
}

test("forceful states of the whole system need more than those of one's own machine", () => {
  const levels = { 0: { ...new Imx().config.levels[0], system: "PRIV" } } as never;
  const of = (state: number) => new Imx({ levels }).status(0, "system", "SYSTEM_POWER_STATE_SET", 0, state);
  expect([of(0x8000_0003), of(0x8000_0000), of(0xc000_0001)]).toEqual(["DENIED", "NOT_SUPPORTED", "SUCCESS"]);
});

test("an agent without levels may do nothing, and a level that is not given is the default", () => {
  const imx = new Imx();
  expect(imx.status(2, "clock", "CLOCK_CONFIG_SET", 0, 1)).toBe("DENIED");
  expect(imx.status(4, "clock", "CLOCK_CONFIG_SET", 0, 1)).toBe("SUCCESS");
  expect(imx.status(4, "system", "SYSTEM_POWER_STATE_SET", 1, 0)).toBe("DENIED");
});
