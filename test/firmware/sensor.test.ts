import { describe, expect, test } from "vitest";
import { TestFirmware } from "./support/firmware.ts";
import { nameWords, resourceBoard, sensor } from "./support/resource-board.ts";

/** Sensor management of `v32`. Callers: 1 holds sensor 0, 2 holds nothing. */

const NONE = 0xffff_ffff;
const GAP = 2;
const ABOVE = 4;

function callsOf(firmware: TestFirmware, agentId = 2) {
  return (message: string, ...payload: number[]) => firmware.call(agentId, "sensor", message, ...payload);
}

/** An interval in SCMI's words. */
function interval(seconds: number, exponent: number): number {
  return ((seconds << 16) | ((exponent & 0x1f) << 11)) >>> 0;
}

test("what the protocol tells of itself", () => {
  const call = callsOf(new TestFirmware(resourceBoard("v32")));
  expect(call("PROTOCOL_VERSION")).toEqual([0, 0x3_0001]);
  // Four sensors by the highest id; nothing asynchronous, and no registers.
  expect(call("PROTOCOL_ATTRIBUTES")).toEqual([0, 4, 0, 0, 0]);
  for (const id of [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0xa, 0xb, 0xc, 0xd, 0x10]) {
    expect(call("PROTOCOL_MESSAGE_ATTRIBUTES", id)).toEqual([0, 0]);
  }
});

describe("descriptors", () => {
  const TEMP = [0, 0x4000_6a02, 0xf002, ...nameWords("temp", 16)];
  const IMU = [1, 0x2000_0000, 0x3_e959, ...nameWords("imu-with-a-long", 16)];
  const EXTENDED = [10, 0xf800_0005, -4000 >>> 0, NONE, 12_500, 0];
  const VOLT = [3, 0x100, 5, ...nameWords("volt", 16), ...EXTENDED];

  test("of as many sensors as there is room for; one with extended attributes is longer", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")));
    expect(call("SENSOR_DESCRIPTION_GET", 0)).toEqual([0, 0x1_0002, ...TEMP, ...IMU]);
    expect(call("SENSOR_DESCRIPTION_GET", 1)).toEqual([0, 2, ...IMU, ...VOLT]);
    expect(call("SENSOR_DESCRIPTION_GET", 2)).toEqual([0, 1, ...VOLT]);
  });

  test("of a board without notifications tell of none", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32", { switches: { notifications: false } })));
    expect(call("SENSOR_DESCRIPTION_GET", 0)[3]).toBe(0x6a02);
  });

  test("of two hundred sensors come in as many messages as it takes", () => {
    const sensors = Array.from({ length: 200 }, (_, id) => sensor(id, `s${id}`));
    const call = callsOf(new TestFirmware(resourceBoard("v32", { sensors, devices: [] })));
    const ids: number[] = [];
    for (let index = 0, remaining = 1; remaining > 0; ) {
      const [, word = 0, ...words] = call("SENSOR_DESCRIPTION_GET", index);
      ids.push(...words.filter((_, i) => i % 7 === 0));
      index += word & 0xfff;
      remaining = word >>> 16;
    }
    expect(ids).toEqual(sensors.map(({ id }) => id));
  });
});

describe("axes", () => {
  const call = callsOf(new TestFirmware(resourceBoard("v32")));
  const HIGH = 0xe859;

  test("are described, in the words of sensors", () => {
    const [x, y, z] = [nameWords("x", 16), nameWords("y-with-a-long-n", 16), nameWords("z", 16)];
    const extended = [0xf800_0005, -4000 >>> 0, NONE, 12_500, 0];
    expect(call("SENSOR_AXIS_DESCRIPTION_GET", 1, 0)).toEqual([
      ...[0, 0x0400_0002],
      ...[0, 0, HIGH, ...x],
      ...[1, 0x300, HIGH, ...y, ...extended],
    ]);
    expect(call("SENSOR_AXIS_DESCRIPTION_GET", 1, 1)).toEqual([
      ...[0, 2],
      ...[1, 0x300, HIGH, ...y, ...extended],
      ...[2, 0, HIGH, ...z],
    ]);
  });

  test("have long names", () => {
    expect(call("SENSOR_AXIS_NAME_GET", 1, 1)).toEqual([
      ...[0, 0x0400_0001],
      ...[1, ...nameWords("y-with-a-long-name", 64)],
    ]);
    expect(call("SENSOR_NAME_GET", 1)).toEqual([0, 0, ...nameWords("imu-with-a-long-name", 64)]);
  });
});

describe("readings", () => {
  test("are signed, and have a timestamp of 0", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const call = callsOf(firmware);
    expect(call("SENSOR_READING_GET", 0, 0)).toEqual([0, 2525, 0, 0, 0]);
    callsOf(firmware, 2)("SENSOR_CONFIG_SET", 3, 1);
    expect(call("SENSOR_READING_GET", 3, 0)).toEqual([0, -5 >>> 0, NONE, 0, 0]);
  });

  test("of a sensor with axes are one for each", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")));
    const [x, y, z] = [
      [-9810 >>> 0, NONE, 0, 0],
      [12, 0, 0, 0],
      [2, 1, 0, 0],
    ];
    expect(call("SENSOR_READING_GET", 1, 0)).toEqual([0, ...x, ...y, ...z]);
  });

  test("need the sensor to be enabled", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    expect(firmware.status(2, "sensor", "SENSOR_READING_GET", 3, 0)).toBe("PROTOCOL_ERROR");
    expect(firmware.status(2, "sensor", "SENSOR_CONFIG_SET", 3, 1)).toBe("SUCCESS");
    expect(firmware.status(2, "sensor", "SENSOR_READING_GET", 3, 0)).toBe("SUCCESS");
    expect(firmware.status(2, "sensor", "SENSOR_CONFIG_SET", 3, 0)).toBe("SUCCESS");
    expect(firmware.status(2, "sensor", "SENSOR_READING_GET", 3, 0)).toBe("PROTOCOL_ERROR");
  });

  test("of sensors that the board file does not enable follow the switch", () => {
    const firmware = new TestFirmware(resourceBoard("v32", { switches: { sensorsEnabled: false } }));
    expect(firmware.status(2, "sensor", "SENSOR_READING_GET", 0, 0)).toBe("PROTOCOL_ERROR");
  });
});

describe("update intervals", () => {
  test("are listed in milliseconds and seconds", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")));
    const listed = [interval(1, -3), interval(10, -3), interval(1, 0)];
    expect(call("SENSOR_LIST_UPDATE_INTERVALS", 0, 0)).toEqual([0, 3, ...listed]);
    expect(call("SENSOR_LIST_UPDATE_INTERVALS", 0, 2)).toEqual([0, 1, interval(1, 0)]);
  });

  test("of a range are shortest, longest and step", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")));
    const triplet = [interval(1, -3), interval(5, -3), interval(1500, -6)];
    expect(call("SENSOR_LIST_UPDATE_INTERVALS", 1, 0)).toEqual([0, 0x1003, ...triplet]);
  });

  test("there need not be any", () => {
    const call = callsOf(new TestFirmware(resourceBoard("v32")));
    expect(call("SENSOR_LIST_UPDATE_INTERVALS", 3, 0)).toEqual([0, 0]);
  });

  test("come in pieces", () => {
    const updateIntervals = Array.from({ length: 60 }, (_, i) => 1000 * (i + 1));
    const sensors = [sensor(0, "many", { updateIntervals })];
    const call = callsOf(new TestFirmware(resourceBoard("v32", { sensors, devices: [] })));
    const [, word, ...first] = call("SENSOR_LIST_UPDATE_INTERVALS", 0, 0);
    expect([word, first.length, first[22]]).toEqual([(37 << 16) | 23, 23, interval(23, -3)]);
    expect(call("SENSOR_LIST_UPDATE_INTERVALS", 0, 46)[1]).toBe(14);
  });
});

describe("how a sensor is set up", () => {
  test("is told, and set by who may", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const call = callsOf(firmware, 1);
    expect(call("SENSOR_CONFIG_GET", 0)).toEqual([0, (interval(1, -3) | 1) >>> 0]);
    expect(call("SENSOR_CONFIG_SET", 0, interval(10, -3) | 0b11)).toEqual([0]);
    expect(callsOf(firmware, 2)("SENSOR_CONFIG_GET", 0)).toEqual([0, (interval(10, -3) | 0b11) >>> 0]);
    expect(firmware.state.sensor.get(0)).toEqual({
      enabled: true,
      timestamps: true,
      intervalUs: 10_000,
      configBy: 1,
    });
  });

  test("without an interval, keeps its own: what a Linux agent sends to enable it", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const call = callsOf(firmware, 1);
    call("SENSOR_CONFIG_SET", 0, interval(1, 0));
    expect(call("SENSOR_CONFIG_SET", 0, 0b11)).toEqual([0]);
    expect(call("SENSOR_CONFIG_GET", 0)).toEqual([0, (interval(1, 0) | 0b11) >>> 0]);
  });

  const [DOWN, UP, PLATFORM] = [0, 1 << 9, 2 << 9];

  test.each([
    // Of 1 ms, 10 ms and 1 s.
    ["0.5 ms down", 0, 500, -6, DOWN, null],
    ["1 ms down", 0, 1, -3, DOWN, interval(1, -3)],
    ["9.999 ms down", 0, 9999, -6, DOWN, interval(1, -3)],
    ["1 h down", 0, 3600, 0, DOWN, interval(1, 0)],
    ["11 ms up", 0, 11, -3, UP, interval(1, 0)],
    ["2 s up", 0, 2, 0, UP, null],
    ["0.1 fs up", 0, 1, -16, UP, interval(1, -3)],
    ["5 ms to the nearest", 0, 5, -3, PLATFORM, interval(1, -3)],
    ["6 ms to the nearest", 0, 6, -3, PLATFORM, interval(10, -3)],
    ["an age to the nearest", 0, 0xffff, 15, PLATFORM, interval(1, 0)],
    // Of 1 ms to 5 ms in steps of 1.5 ms.
    ["3 ms down in a range", 1, 3, -3, DOWN, interval(2500, -6)],
    ["3 ms up in a range", 1, 3, -3, UP, interval(4, -3)],
    ["4 ms up in a range", 1, 4, -3, UP, interval(4, -3)],
    ["4.5 ms up in a range", 1, 4500, -6, UP, null],
    ["1 s down in a range", 1, 1, 0, DOWN, interval(4, -3)],
    ["0.1 ms down in a range", 1, 100, -6, DOWN, null],
    ["0.1 ms up in a range", 1, 100, -6, UP, interval(1, -3)],
  ] as const)("takes %s", (_, id, seconds, exponent, rounding, expected) => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    const before = callsOf(firmware, 1)("SENSOR_CONFIG_GET", id)[1];
    const word = (interval(seconds, exponent) | rounding | 1) >>> 0;
    const status = firmware.status(1, "sensor", "SENSOR_CONFIG_SET", id, word);
    const after = callsOf(firmware, 1)("SENSOR_CONFIG_GET", id)[1];
    expect([status, after]).toEqual(
      expected === null ? ["INVALID_PARAMETERS", before] : ["SUCCESS", (expected | 1) >>> 0],
    );
  });

  test("goes back to how it was when the agent that set it up is reset, trip points too", () => {
    const firmware = new TestFirmware(resourceBoard("v32"));
    callsOf(firmware, 1)("SENSOR_CONFIG_SET", 0, interval(10, -3) | 0b10);
    callsOf(firmware, 1)("SENSOR_TRIP_POINT_CONFIG", 0, 0x13, 5, 0);
    callsOf(firmware, 2)("SENSOR_CONFIG_SET", 3, 1);
    expect(firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0)).toBe("SUCCESS");
    expect(firmware.state.sensor.get(0)).toEqual({ enabled: true, timestamps: false, intervalUs: 1000 });
    expect(firmware.state.sensor.get(3)).toMatchObject({ enabled: true, configBy: 2 });
  });
});

test("trip points are kept, with signed values", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  expect(firmware.status(1, "sensor", "SENSOR_TRIP_POINT_CONFIG", 0, 0x13, -5 >>> 0, NONE)).toBe("SUCCESS");
  expect(firmware.status(1, "sensor", "SENSOR_TRIP_POINT_CONFIG", 0, 0x01, NONE, 0x7fff_ffff)).toBe(
    "SUCCESS",
  );
  expect(firmware.state.sensor.get(0)).toMatchObject({
    trip1Mode: 3,
    trip1Value: "-5",
    trip1By: 1,
    trip0Mode: 1,
    trip0Value: "9223372036854775807",
  });
});

test("agents ask to be told of trip points and of updates", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  expect(firmware.status(1, "sensor", "SENSOR_TRIP_POINT_NOTIFY", 0, 1)).toBe("SUCCESS");
  expect(firmware.status(1, "sensor", "SENSOR_CONTINUOUS_UPDATE_NOTIFY", 0, 1)).toBe("SUCCESS");
  expect(firmware.state.subscription.get(1)).toEqual({
    "sensor.SENSOR_TRIP_POINT_NOTIFY.0": true,
    "sensor.SENSOR_CONTINUOUS_UPDATE_NOTIFY.0": true,
  });
});

/** Each row of a command makes good one more fault than the row above, and the last succeeds. */
const CHECKS: Readonly<
  Record<string, readonly (readonly [status: string, caller: number, ...payload: number[]])[]>
> = {
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
    ["NOT_FOUND", 2, 0xe],
    ["SUCCESS", 2, 0xd],
  ],
  SENSOR_DESCRIPTION_GET: [
    ["PROTOCOL_ERROR", 2],
    ["INVALID_PARAMETERS", 2, NONE],
    ["INVALID_PARAMETERS", 2, 3],
    ["SUCCESS", 2, 2],
  ],
  SENSOR_TRIP_POINT_NOTIFY: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["DENIED", 2, 0, NONE],
    ["INVALID_PARAMETERS", 1, 0, NONE],
    ["INVALID_PARAMETERS", 2, 1, 2],
    // A sensor without trip points.
    ["NOT_SUPPORTED", 2, 1, 1],
    ["SUCCESS", 1, 0, 1],
  ],
  SENSOR_TRIP_POINT_CONFIG: [
    ["PROTOCOL_ERROR", 2, ABOVE, NONE, 0],
    ["NOT_FOUND", 2, ABOVE, NONE, 0, 0],
    ["NOT_FOUND", 2, GAP, NONE, 0, 0],
    ["DENIED", 2, 0, NONE, 0, 0],
    ["INVALID_PARAMETERS", 1, 0, NONE, 0, 0],
    ["INVALID_PARAMETERS", 1, 0, 0x4, 0, 0],
    ["INVALID_PARAMETERS", 1, 0, 0x23, 0, 0],
    ["INVALID_PARAMETERS", 1, 1, 0x03, 0, 0],
    ["SUCCESS", 1, 0, 0x13, 0, 0],
  ],
  SENSOR_READING_GET: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["INVALID_PARAMETERS", 2, 3, NONE],
    ["NOT_SUPPORTED", 2, 3, 1],
    ["PROTOCOL_ERROR", 2, 3, 0],
    ["SUCCESS", 2, 0, 0],
  ],
  SENSOR_AXIS_DESCRIPTION_GET: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_SUPPORTED", 2, 0, NONE],
    ["INVALID_PARAMETERS", 2, 1, NONE],
    ["INVALID_PARAMETERS", 2, 1, 3],
    ["SUCCESS", 2, 1, 2],
  ],
  SENSOR_LIST_UPDATE_INTERVALS: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["INVALID_PARAMETERS", 2, 0, NONE],
    ["INVALID_PARAMETERS", 2, 0, 3],
    ["INVALID_PARAMETERS", 2, 1, 1],
    ["INVALID_PARAMETERS", 2, 3, 1],
    ["SUCCESS", 2, 3, 0],
  ],
  SENSOR_CONFIG_GET: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_FOUND", 2, ABOVE],
    ["SUCCESS", 2, 3],
  ],
  SENSOR_CONFIG_SET: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_FOUND", 2, GAP, NONE],
    ["DENIED", 2, 0, NONE],
    ["INVALID_PARAMETERS", 1, 0, NONE],
    ["INVALID_PARAMETERS", 1, 0, 0x4],
    // A rounding that there is not.
    ["INVALID_PARAMETERS", 1, 0, 0x601],
    // Timestamps, and intervals, of a sensor without.
    ["NOT_SUPPORTED", 1, 3, 0b11],
    ["NOT_SUPPORTED", 1, 3, 0x1_0001],
    ["SUCCESS", 1, 0, 0b11],
  ],
  SENSOR_CONTINUOUS_UPDATE_NOTIFY: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["DENIED", 2, 0, NONE],
    ["INVALID_PARAMETERS", 1, 0, NONE],
    ["NOT_SUPPORTED", 1, 1, 1],
    ["SUCCESS", 1, 0, 1],
  ],
  SENSOR_NAME_GET: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_FOUND", 2, ABOVE],
    ["NOT_FOUND", 2, GAP],
    ["SUCCESS", 2, 0],
  ],
  SENSOR_AXIS_NAME_GET: [
    ["PROTOCOL_ERROR", 2, ABOVE],
    ["NOT_FOUND", 2, ABOVE, NONE],
    ["NOT_SUPPORTED", 2, 0, NONE],
    ["INVALID_PARAMETERS", 2, 1, 3],
    ["SUCCESS", 2, 1, 2],
  ],
  NEGOTIATE_PROTOCOL_VERSION: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_SUPPORTED", 2, 0x2_0000],
    ["NOT_SUPPORTED", 2, 0x3_0002],
    ["SUCCESS", 2, 0x3_0000],
  ],
};

test.each(Object.entries(CHECKS))("checks of %s", (message, rows) => {
  const answers = rows.map(([, caller, ...payload]) =>
    new TestFirmware(resourceBoard("v32")).status(caller, "sensor", message, ...payload),
  );
  expect(answers).toEqual(rows.map(([status]) => status));
});

test("a Linux agent's probe meets no unexpected status", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  const call = (message: string, ...payload: number[]) => {
    const [status, ...words] = firmware.call(2, "sensor", message, ...payload);
    expect([message, payload, status]).toEqual([message, payload, 0]);
    return words;
  };
  const walk = (message: string, sensorId: number, shift: number, mask: number) => {
    for (let index = 0, remaining = 1; remaining > 0; ) {
      const [word = 0] = call(message, sensorId, index);
      index += word & mask;
      // A range comes whole, and at once.
      remaining = (word & 0x1000) !== 0 && mask === 0xfff ? 0 : word >>> shift;
    }
  };
  call("PROTOCOL_VERSION");
  call("PROTOCOL_ATTRIBUTES");
  const sensors: { id: number; low: number; high: number }[] = [];
  for (let index = 0, remaining = 1; remaining > 0; ) {
    const [word = 0, ...words] = call("SENSOR_DESCRIPTION_GET", index);
    for (let at = 0; at < words.length; ) {
      const [id = 0, low = 0, high = 0] = words.slice(at);
      sensors.push({ id, low, high });
      at += (low & 0x100) === 0 ? 7 : 13;
    }
    index += word & 0xfff;
    remaining = word >>> 16;
  }
  expect(sensors.map(({ id }) => id)).toEqual([0, 1, 3]);
  for (const { id, low, high } of sensors) {
    if ((low & (1 << 29)) !== 0) call("SENSOR_NAME_GET", id);
    walk("SENSOR_LIST_UPDATE_INTERVALS", id, 16, 0xfff);
    if ((high & 0x100) === 0) continue;
    walk("SENSOR_AXIS_DESCRIPTION_GET", id, 26, 0x3f);
    walk("SENSOR_AXIS_NAME_GET", id, 26, 0x3f);
  }
});
