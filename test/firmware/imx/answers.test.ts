import { describe, expect, test } from "vitest";
import { Imx, NONE, OFF } from "./board.ts";

/** Words of a name of 16 bytes. */
function name(text: string): number[] {
  const bytes = new Uint8Array(16);
  bytes.set(new TextEncoder().encode(text));
  const view = new DataView(bytes.buffer);
  return [0, 4, 8, 12].map((at) => view.getUint32(at, true));
}

test.each([
  ["base", 0x2_0001],
  ["power", 0x3_0001],
  ["system", 0x2_0001],
  ["performance", 0x4_0000],
  ["clock", 0x3_0000],
  ["sensor", 0x3_0001],
  ["reset", 0x3_0001],
  ["voltage", 0x2_0001],
  ["pinctrl", 0x1_0000],
])("version of %s", (protocol, version) => {
  expect(new Imx().call(2, protocol, "PROTOCOL_VERSION")).toEqual([0, version]);
});

describe("base", () => {
  const imx = new Imx();

  test("counts the agents of the caller's instance", () => {
    expect(imx.call(0, "base", "PROTOCOL_ATTRIBUTES")).toEqual([0, 0x0308]);
    expect(imx.call(3, "base", "PROTOCOL_ATTRIBUTES")).toEqual([0, 0x0208]);
  });

  test("agents are numbered from 1 in their instance, and 0 is the platform", () => {
    expect(imx.call(1, "base", "BASE_DISCOVER_AGENT", NONE)).toEqual([0, 2, ...name("AP-NS")]);
    expect(imx.call(4, "base", "BASE_DISCOVER_AGENT", NONE)).toEqual([0, 2, ...name("M7-a-long-name-")]);
    expect(imx.call(3, "base", "BASE_DISCOVER_AGENT", 1)).toEqual([0, 1, ...name("M7")]);
    expect(imx.call(3, "base", "BASE_DISCOVER_AGENT", 3)).toEqual([0xffff_fffc]);
    expect(imx.call(3, "base", "BASE_DISCOVER_AGENT", 0)).toEqual([0, 0, ...name("platform")]);
  });

  test("lists the protocols in the order of the board file, from the one skipped to on", () => {
    expect(imx.call(2, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 0)).toEqual([0, 8, 0x1413_1211, 0x1917_1615]);
    expect(imx.call(2, "base", "BASE_DISCOVER_LIST_PROTOCOLS", 7)).toEqual([0, 1, 0x19]);
  });

  test("device permissions are of the agent that the number means, and change no level", () => {
    const imx = new Imx();
    expect(imx.status(3, "base", "BASE_SET_DEVICE_PERMISSIONS", 2, 0, 0xff)).toBe("SUCCESS");
    expect(imx.state.permission.get(4)).toEqual({ 0: true });
    expect(imx.status(4, "reset", "RESET", 0, 1, 0)).toBe("DENIED");
  });
});

test("where the board lists no instances, there is one with all agents", () => {
  const imx = new Imx({ instances: [] });
  expect(imx.call(4, "base", "BASE_DISCOVER_AGENT", NONE)[1]).toBe(5);
  expect(imx.call(4, "base", "PROTOCOL_ATTRIBUTES")).toEqual([0, 0x0508]);
});

describe("power", () => {
  test("attributes say whether the caller may set it", () => {
    const imx = new Imx();
    expect(imx.call(1, "power", "POWER_DOMAIN_ATTRIBUTES", 3)).toEqual([0, 1 << 29, ...name("npu")]);
    expect(imx.call(2, "power", "POWER_DOMAIN_ATTRIBUTES", 3)).toEqual([0, 0, ...name("npu")]);
  });

  test("has states between off and on", () => {
    const imx = new Imx();
    const get = () => imx.call(2, "power", "POWER_STATE_GET", 3)[1];
    expect(get()).toBe(OFF);
    for (const word of [1, 2, 0, OFF]) {
      imx.call(0, "power", "POWER_STATE_SET", 0, 3, word);
      expect(get()).toBe(word);
    }
  });
});

describe("clock", () => {
  test("attributes: enabled, restricted, extended configurations always, parents where it has some", () => {
    const imx = new Imx();
    const word = (caller: number, id: number) => imx.call(caller, "clock", "CLOCK_ATTRIBUTES", id)[1];
    expect([word(0, 0), word(1, 0), word(0, 1)]).toEqual([0x1800_0000, 0x1800_0002, 0x0800_0001]);
    expect(imx.call(0, "clock", "CLOCK_ATTRIBUTES", 3)).toEqual([0, 0x0800_0000, ...name("osc"), 0]);
    expect(imx.call(0, "clock", "PROTOCOL_ATTRIBUTES")).toEqual([0, 4]);
  });

  test("rates are one range", () => {
    const imx = new Imx();
    const head = [0, 0x1003];
    expect(imx.call(2, "clock", "CLOCK_DESCRIBE_RATES", 0, 0)).toEqual([...head, 100, 0, 200, 0, 10, 0]);
    expect(imx.call(2, "clock", "CLOCK_DESCRIBE_RATES", 3, 0)).toEqual([...head, 24, 0, 48, 0, 0, 0]);
  });

  test("permissions follow levels", () => {
    const imx = new Imx();
    const word = (caller: number, id: number) => imx.call(caller, "clock", "CLOCK_GET_PERMISSIONS", id)[1];
    expect([word(0, 0), word(1, 0), word(2, 0), word(4, 1)]).toEqual([
      0xe000_0000, 0x8000_0000, 0, 0x8000_0000,
    ]);
  });

  test("parents", () => {
    const imx = new Imx();
    expect(imx.call(2, "clock", "CLOCK_POSSIBLE_PARENTS_GET", 0, 0)).toEqual([0, 2, 1, 3]);
    expect(imx.call(2, "clock", "CLOCK_POSSIBLE_PARENTS_GET", 0, 1)).toEqual([0, 1, 3]);
    expect(imx.call(2, "clock", "CLOCK_PARENT_GET", 0)).toEqual([0, 3]);
    imx.call(0, "clock", "CLOCK_PARENT_SET", 0, 1);
    expect(imx.call(2, "clock", "CLOCK_PARENT_GET", 0)).toEqual([0, 1]);
  });

  test("23 parents a message", () => {
    const config = new Imx().config.clocks;
    const parents = Array.from({ length: 30 }, () => 1);
    const clocks = config.map((clock) => (clock.id === 0 ? { ...clock, parents } : clock));
    const [status, word, ...ids] = new Imx({ clocks }).call(0, "clock", "CLOCK_POSSIBLE_PARENTS_GET", 0, 0);
    expect([status, word, ids.length]).toEqual([0, (7 << 24) | 23, 23]);
  });

  test("the extended configuration comes before the state, and takes any value", () => {
    const imx = new Imx();
    const get = (type: number) => imx.call(2, "clock", "CLOCK_CONFIG_GET", 0, type);
    expect(get(0x80)).toEqual([0, 0, 0, 0]);
    imx.call(0, "clock", "CLOCK_CONFIG_SET", 0, 0x80_0003, NONE);
    expect([get(0x80), get(0)]).toEqual([
      [0, 0, 0, NONE],
      [0, 0, 0, 0],
    ]);
    imx.call(0, "clock", "CLOCK_CONFIG_SET", 0, 0x80_0001, 7);
    expect(get(0x80)).toEqual([0, 0, 1, 7]);
  });
});

describe("performance", () => {
  test("attributes", () => {
    const imx = new Imx();
    const word = (caller: number) => imx.call(caller, "performance", "PERFORMANCE_DOMAIN_ATTRIBUTES", 0)[1];
    expect([word(0), word(1), word(2)]).toEqual([0xc200_0000, 0x8200_0000, 0x0200_0000]);
    const [, , ...rest] = imx.call(2, "performance", "PERFORMANCE_DOMAIN_ATTRIBUTES", 0);
    expect(rest).toEqual([20, 2_000_000, 2_000_000, ...name("cpu")]);
    expect(imx.call(2, "performance", "PROTOCOL_ATTRIBUTES")).toEqual([0, 0x1_0004, 0, 0, 0]);
  });

  test("levels are entries of five words, four a message", () => {
    const imx = new Imx();
    const entry = (i: number, value: number, cost: number) => [value, cost, 500, value, i];
    expect(imx.call(2, "performance", "PERFORMANCE_DESCRIBE_LEVELS", 0, 0)).toEqual([
      ...[0, 0x1_0004],
      ...entry(0, 1_000_000, 200),
      ...entry(1, 1_200_000, 300),
      ...entry(2, 1_400_000, 400),
      ...entry(3, 1_600_000, 500),
    ]);
    const last = imx.call(2, "performance", "PERFORMANCE_DESCRIBE_LEVELS", 0, 4);
    expect(last).toEqual([0, 1, ...entry(4, 2_000_000, 600)]);
  });

  test("limits are the highest and the lowest value, levels indexes", () => {
    const imx = new Imx();
    expect(imx.call(2, "performance", "PERFORMANCE_LIMITS_GET", 0)).toEqual([0, 2_000_000, 1_000_000]);
    expect(imx.call(2, "performance", "PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 1]);
  });
});

describe("sensor", () => {
  test("three descriptions a message; of one that is fused off nothing is told", () => {
    const imx = new Imx();
    const first = imx.call(2, "sensor", "SENSOR_DESCRIPTION_GET", 0);
    // The third is the last of its message, and fused off.
    expect(first).toEqual([0xffff_fffc]);
    const rest = imx.call(2, "sensor", "SENSOR_DESCRIPTION_GET", 1);
    const high = (type: number, exponent: number) => (type | ((exponent & 0x1f) << 11)) >>> 0;
    expect(rest.slice(0, 9)).toEqual([0, 3, 1, 0, high(2, -2), ...name("temp1")]);
    expect(rest.slice(9, 16)).toEqual([2, 0, 0, 0, 0, 0, 0]);
    expect(rest.slice(16)).toEqual([3, 0, high(5, -6), ...name("volt")]);
  });

  test("timestamps and trip points show in a description", () => {
    const sensors = new Imx().config.sensors.slice(0, 2);
    const [, count, , low] = new Imx({ sensors }).call(2, "sensor", "SENSOR_DESCRIPTION_GET", 0);
    // -3 in five bits from bit 10, timestamps in bit 9.
    expect([count, low]).toEqual([2, (0x1d << 10) | 0x200 | 2]);
    expect(new Imx().call(2, "sensor", "PROTOCOL_ATTRIBUTES")).toEqual([0, 4, 0, 0, 0]);
  });

  test("reads for the instance that enabled it, and for no other", () => {
    const imx = new Imx();
    imx.call(0, "sensor", "SENSOR_CONFIG_SET", 1, 1);
    expect(imx.call(2, "sensor", "SENSOR_READING_GET", 1, 0)).toEqual([0, 0xffff_fffb, NONE, 0, 0]);
    expect(imx.status(3, "sensor", "SENSOR_READING_GET", 1, 0)).toBe("PROTOCOL_ERROR");
    expect([
      imx.call(2, "sensor", "SENSOR_CONFIG_GET", 1),
      imx.call(3, "sensor", "SENSOR_CONFIG_GET", 1),
    ]).toEqual([
      [0, 1],
      [0, 0],
    ]);
  });

  test("timestamps as set, intervals never", () => {
    const imx = new Imx();
    imx.call(0, "sensor", "SENSOR_CONFIG_SET", 0, 0xffff_fffb);
    expect(imx.call(1, "sensor", "SENSOR_CONFIG_GET", 0)).toEqual([0, 3]);
    imx.call(0, "sensor", "SENSOR_CONFIG_SET", 0, 1);
    expect(imx.call(1, "sensor", "SENSOR_CONFIG_GET", 0)).toEqual([0, 1]);
  });

  test("trip points are set up once the sensor is enabled", () => {
    const imx = new Imx();
    imx.call(1, "sensor", "SENSOR_CONFIG_SET", 0, 1);
    expect(imx.status(0, "sensor", "SENSOR_TRIP_POINT_CONFIG", 0, 0x23, 1, 0)).toBe("INVALID_PARAMETERS");
    expect(imx.status(0, "sensor", "SENSOR_TRIP_POINT_CONFIG", 0, 0x13, 1, 0)).toBe("SUCCESS");
    expect(imx.status(3, "sensor", "SENSOR_TRIP_POINT_CONFIG", 0, 0x13, 1, 0)).toBe("NOT_SUPPORTED");
  });
});

test("reset attributes and the last request", () => {
  const imx = new Imx();
  expect(imx.call(2, "reset", "RESET_DOMAIN_ATTRIBUTES", 0)).toEqual([0, 0, NONE, ...name("mix0")]);
  imx.call(0, "reset", "RESET", 0, 2, 0x8000_0005);
  expect(imx.state.reset.get(0)).toEqual({ lastAgent: 0, lastFlags: 2, lastState: 0x8000_0005 });
});

test("voltage: one range, mode and level", () => {
  const imx = new Imx();
  expect(imx.call(2, "voltage", "VOLTAGE_DOMAIN_ATTRIBUTES", 0)).toEqual([0, 0, ...name("vdd")]);
  expect(imx.call(2, "voltage", "VOLTAGE_DESCRIBE_LEVELS", 0, 0)).toEqual([
    0, 0x1003, 600_000, 1_000_000, 12_500,
  ]);
  expect(imx.call(2, "voltage", "VOLTAGE_CONFIG_GET", 0)).toEqual([0, 0]);
  imx.call(1, "voltage", "VOLTAGE_CONFIG_SET", 0, 7);
  imx.call(0, "voltage", "VOLTAGE_LEVEL_SET", 0, 0, 612_500);
  expect(imx.call(2, "voltage", "VOLTAGE_CONFIG_GET", 0)).toEqual([0, 7]);
  expect(imx.call(2, "voltage", "VOLTAGE_LEVEL_GET", 0)).toEqual([0, 612_500]);
});

describe("pin control", () => {
  test("pins only", () => {
    const imx = new Imx();
    expect(imx.call(2, "pinctrl", "PROTOCOL_ATTRIBUTES")).toEqual([0, 4, 0]);
    expect(imx.call(2, "pinctrl", "PINCTRL_ATTRIBUTES", 3, 0)).toEqual([0, 1, ...name("pin3")]);
  });

  test("settings: three types in their order, no function", () => {
    const imx = new Imx();
    const get = (attributes: number) => imx.call(2, "pinctrl", "PINCTRL_SETTINGS_GET", 0, attributes);
    imx.call(0, "pinctrl", "PINCTRL_SETTINGS_CONFIGURE", 0, 5, 0x40c, 196, 6, 192, 2, 193, 3);
    expect(get(0x4_0000)).toEqual([0, NONE, 3, 192, 2, 193, 3, 196, 6]);
    expect(get(0x4_0200)).toEqual([0, NONE, 1, 196, 6]);
    expect(get(193)).toEqual([0, NONE, 1, 193, 3]);
    expect(get(0x8_0000)).toEqual([0, NONE, 0]);
  });

  test("entries before a failing one stay", () => {
    const imx = new Imx();
    const configure = [0, 0, 12, 192, 9, 1, 1, 193, 9];
    expect(imx.status(0, "pinctrl", "PINCTRL_SETTINGS_CONFIGURE", ...configure)).toBe("NOT_SUPPORTED");
    expect(imx.state.pin.get(0)).toEqual({ 192: 9 });
  });

  test("who requests a pin does not own it", () => {
    const imx = new Imx();
    expect(imx.status(0, "pinctrl", "PINCTRL_REQUEST", 0, 0)).toBe("SUCCESS");
    expect(imx.status(3, "pinctrl", "PINCTRL_REQUEST", 0, 0)).toBe("SUCCESS");
  });
});

test("system: MESSAGE_ATTRIBUTES says what the caller can use", () => {
  const imx = new Imx();
  const of = (caller: number, id: number) => imx.call(caller, "system", "PROTOCOL_MESSAGE_ATTRIBUTES", id);
  expect([of(1, 3), of(1, 5), of(1, 0x10)]).toEqual([
    [0, 0x8000_0000],
    [0, 0],
    [0, 0],
  ]);
  const NOT_SUPPORTED = 0xffff_ffff;
  const NOT_FOUND = 0xffff_fffc;
  expect([of(4, 3), of(4, 5), of(4, 4)]).toEqual([[NOT_SUPPORTED], [NOT_SUPPORTED], [NOT_FOUND]]);
  expect(imx.call(2, "system", "PROTOCOL_ATTRIBUTES")).toEqual([0, 0]);
});
