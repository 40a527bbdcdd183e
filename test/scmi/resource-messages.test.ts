import { describe, expect, test } from "vitest";
import { fromHex, toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { decodeMessage, encodeRequest } from "#scmi/codec.ts";
import { packHeader } from "#scmi/header.ts";
import type { Command } from "#scmi/protocol.ts";
import { SENSOR_TYPES } from "#scmi/protocols/sensor-types.ts";
import { findCommand } from "#scmi/registry.ts";

/** Messages of system power, performance and sensors, typed and in words. */

function command(protocol: string, message: string): Command {
  const found = findCommand(protocol, message);
  if (isProblem(found)) throw new Error(found.detail);
  return found;
}

function encoded(protocol: string, message: string, params: Record<string, unknown>): string {
  const payload = encodeRequest(command(protocol, message), params);
  return isProblem(payload) ? payload.detail : toHex(payload);
}

function decoded(protocol: string, message: string, direction: "a2p" | "p2a", hex: string) {
  const { protocolId, id } = command(protocol, message);
  return decodeMessage(packHeader(protocolId, id), fromHex(hex.replaceAll(" ", "")) as Uint8Array, direction);
}

test.each([
  [
    "system",
    "SYSTEM_POWER_STATE_SET",
    { flags: { graceful: true }, systemState: "WARM_RESET" },
    "0100000002000000",
  ],
  ["system", "SYSTEM_POWER_STATE_SET", { flags: 0, systemState: "0x80000001" }, "0000000001000080"],
  [
    "performance",
    "PERFORMANCE_LIMITS_SET",
    { domainId: 1, rangeMax: 2000, rangeMin: 0 },
    "01000000d007000000000000",
  ],
  [
    "performance",
    "PERFORMANCE_DESCRIBE_FASTCHANNEL",
    { domainId: 0, messageId: "PERFORMANCE_LEVEL_SET" },
    "0000000007000000",
  ],
  [
    "sensor",
    "SENSOR_TRIP_POINT_CONFIG",
    { sensorId: 2, tripPointEventControl: { tripPointId: 1, mode: "BOTH" }, value: -5 },
    "0200000013000000fbffffffffffffff",
  ],
  [
    "sensor",
    "SENSOR_CONFIG_SET",
    {
      sensorId: 0,
      sensorConfig: { seconds: 10, exponent: -3, rounding: "UP", timestamps: true, enabled: true },
    },
    "0000000003ea0a00",
  ],
])("%s %s of %o", (protocol, message, params, payload) => {
  expect(encoded(protocol, message, params)).toBe(payload);
});

describe("levels in words", () => {
  const three = "e8030000 c8000000 0a000000 f4010000 64000000 0a000000";
  const five = "e8030000 c8000000 0a000000 40420f00 01000000";

  test("have five words from version 4.0 on", () => {
    const message = decoded("performance", "PERFORMANCE_DESCRIBE_LEVELS", "p2a", `00000000 01000200 ${five}`);
    expect(message).toMatchObject({
      status: "SUCCESS",
      levels: [
        { level: 1000, powerCost: 200, attributes: 10, indicativeFrequency: 1_000_000, levelIndex: 1 },
      ],
      meaning: { numLevels: { remaining: 2, returned: 1 }, levels: [{ attributes: { latencyUs: 10 } }] },
    });
    expect(message).not.toHaveProperty("rest");
  });

  test("have three before, which their number tells, also where the bytes would make up others", () => {
    const levels = (count: string, words: string) =>
      decoded("performance", "PERFORMANCE_DESCRIBE_LEVELS", "p2a", `00000000 ${count} ${words}`)["levels"];
    expect(levels("02000000", three)).toEqual([
      { level: 1000, powerCost: 200, attributes: 10 },
      { level: 500, powerCost: 100, attributes: 10 },
    ]);
    expect(levels("05000000", `${three} ${three} ${three.slice(0, 26)}`)).toHaveLength(5);
    expect(levels("03000000", `${five} ${five} ${five}`)).toHaveLength(3);
  });
});

describe("readings in words", () => {
  const get = (words: string) =>
    decoded("sensor", "SENSOR_READING_GET", "p2a", `00000000 ${words}`)["readings"];
  const value = "fbffffff ffffffff";

  test("have a timestamp from version 2.0 on, and can be many", () => {
    const stamped = `${value} 01000000 02000000`;
    expect(get(stamped)).toEqual([{ value: "-5", timestamp: "0x200000001" }]);
    expect(get(`${stamped} ${stamped}`)).toHaveLength(2);
  });

  test("have none before", () => {
    expect(get(value)).toEqual([{ value: "-5" }]);
  });
});

test("a sensor is described by what it measures, and as long as it says", () => {
  const name = "74656d70000000000000000000000000";
  const short = `00000000 026a0040 02f00000 ${name}`;
  const long = `03000000 00010000 05000000 ${name} 0a000000 050000f8 60f0ffff ffffffff d4300000 00000000`;
  const message = decoded("sensor", "SENSOR_DESCRIPTION_GET", "p2a", `00000000 02000100 ${short} ${long}`);
  expect(message).toMatchObject({
    descriptors: [
      { sensorId: 0, name: "temp" },
      { sensorId: 3, power: 10, minRange: "-4000", maxRange: "12500" },
    ],
    meaning: {
      numSensorFlags: { remaining: 1, returned: 2 },
      descriptors: [
        {
          attributesLow: { timestamps: true, timestampExponent: -6, tripPoints: 2, extended: false },
          attributesHigh: { type: "CELSIUS", exponent: -2 },
        },
        { attributesHigh: { type: "VOLT" }, resolution: { value: 5, exponent: -1 } },
      ],
    },
  });
  expect(message).not.toHaveProperty("rest");
  expect(message["meaning"]).not.toHaveProperty("descriptors.0.resolution");
});

test("sensor types have names, up to the last that is defined, and one for those of the vendor", () => {
  const numbers = Object.values(SENSOR_TYPES);
  expect(numbers).toEqual([...Array.from({ length: 94 }, (_, type) => type), 255]);
});
