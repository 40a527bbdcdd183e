import { expect, test } from "vitest";
import { statusName } from "#scmi/status.ts";
import { board, clock } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { sensor } from "./support/resource-board.ts";

/** What TF-A's own server does otherwise than `ref`. @see scmi-reference.md 4.1, 4.5, 4.6, 4.7 */

function tfa(): TestFirmware {
  return new TestFirmware(
    board("tfa", {
      protocols: ["reset", "clock", "sensor"],
      clocks: [
        clock(0, "pll", { rates: [1, 2], parents: Array.from({ length: 30 }, (_, i) => i), parent: 2 }),
        clock(1, "osc"),
      ],
      resets: [{ id: 0, name: "one" }],
      sensors: [
        sensor(0, "temp", { exponent: -3, reading: 40_000 }),
        sensor(1, "volt", { type: 5, reading: -5 }),
      ],
    }),
  );
}

/** The words of an answer, the status as its name. */
function answer(firmware: TestFirmware, protocol: string, message: string, ...payload: number[]) {
  const [status = 0, ...rest] = firmware.call(0, protocol, message, ...payload);
  return [statusName(status | 0), ...rest];
}

test("agents are not counted, and nobody can be told of or given anything", () => {
  const firmware = tfa();
  expect(answer(firmware, "base", "PROTOCOL_ATTRIBUTES")).toEqual(["SUCCESS", 3]);
  for (const id of [0x7, 0x8, 0x9, 0xa, 0xb]) {
    expect(answer(firmware, "base", "PROTOCOL_MESSAGE_ATTRIBUTES", id)).toEqual(["NOT_FOUND"]);
    expect(firmware.statusOfId(0, 0x10, id)).toBe("NOT_SUPPORTED");
  }
});

test("every clock is said to have parents and extended configurations, in a longer answer", () => {
  const firmware = tfa();
  for (const id of [0, 1]) {
    const words = firmware.call(0, "clock", "CLOCK_ATTRIBUTES", id);
    expect([words.length, words[1], words[6]]).toEqual([7, 0x1800_0000, 0]);
  }
});

test("the type of an extended configuration is cut away, and unchanged is refused", () => {
  const firmware = tfa();
  expect(firmware.status(0, "clock", "CLOCK_CONFIG_SET", 0, 0x1_0001, 50)).toBe("SUCCESS");
  expect(firmware.state.clock.at(0).enabled).toBe(true);
  expect(firmware.status(0, "clock", "CLOCK_CONFIG_SET", 0, 0x1_0003, 50)).toBe("INVALID_PARAMETERS");
  expect(firmware.status(0, "clock", "CLOCK_CONFIG_SET", 0, 2, 0)).toBe("INVALID_PARAMETERS");
  expect(firmware.status(0, "clock", "CLOCK_CONFIG_SET", 9, 2, 0)).toBe("NOT_FOUND");
  expect(firmware.status(0, "clock", "CLOCK_CONFIG_SET", 0, 1)).toBe("PROTOCOL_ERROR");
  expect(answer(firmware, "clock", "CLOCK_CONFIG_GET", 0, 0)).toEqual(["SUCCESS", 0, 1, 0]);
  expect(answer(firmware, "clock", "CLOCK_CONFIG_GET", 0, 1)).toEqual(["NOT_SUPPORTED", 0, 1, 0]);
  expect(answer(firmware, "clock", "CLOCK_CONFIG_GET", 9, 0)).toEqual(["NOT_FOUND"]);
});

test("a clock's parents", () => {
  const firmware = tfa();
  const [, flags = 0, ...parents] = firmware.call(0, "clock", "CLOCK_POSSIBLE_PARENTS_GET", 0, 2);
  expect([flags & 0xff, flags >>> 24, parents[0], parents.length]).toEqual([21, 7, 2, 21]);
  expect(answer(firmware, "clock", "CLOCK_POSSIBLE_PARENTS_GET", 0, 30)).toEqual(["INVALID_PARAMETERS"]);
  expect(answer(firmware, "clock", "CLOCK_PARENT_SET", 0, 30)).toEqual(["INVALID_PARAMETERS"]);
  expect(answer(firmware, "clock", "CLOCK_PARENT_GET", 0)).toEqual(["SUCCESS", 2]);
  expect(answer(firmware, "clock", "CLOCK_PARENT_SET", 0, 29)).toEqual(["SUCCESS"]);
  expect(answer(firmware, "clock", "CLOCK_PARENT_GET", 0)).toEqual(["SUCCESS", 29]);
  // A refusal has its second word too.
  expect(answer(firmware, "clock", "CLOCK_PARENT_GET", 1)).toEqual(["NOT_SUPPORTED", 0]);
});

test("commands of clock protocol 3.0 that are not there", () => {
  for (const id of [0x8, 0x9, 0xa, 0xf, 0x10]) {
    expect(tfa().statusOfId(0, 0x14, id, 0)).toBe("NOT_SUPPORTED");
  }
});

test("one sensor a message, with its extended attributes; none beyond the last", () => {
  const firmware = tfa();
  const words = firmware.call(0, "sensor", "SENSOR_DESCRIPTION_GET", 0);
  expect([words.length, words[1], words[2], (words[3] ?? 0) & 0x100]).toEqual([15, 0x1_0001, 0, 0x100]);
  expect(answer(firmware, "sensor", "SENSOR_DESCRIPTION_GET", 9)).toEqual(["SUCCESS", 0]);
});

test("a reading has its timestamp, whatever the flags say", () => {
  const firmware = tfa();
  expect(answer(firmware, "sensor", "SENSOR_READING_GET", 0, 0xff)).toEqual(["SUCCESS", 40_000, 0, 0, 0]);
  expect(answer(firmware, "sensor", "SENSOR_READING_GET", 9, 0)).toEqual(["INVALID_PARAMETERS"]);
  expect(answer(firmware, "sensor", "SENSOR_CONFIG_GET", 9)).toEqual(["INVALID_PARAMETERS"]);
});

test("update intervals are announced and not there; what is beyond the table is neither", () => {
  const firmware = tfa();
  expect(answer(firmware, "sensor", "PROTOCOL_MESSAGE_ATTRIBUTES", 0x8)).toEqual(["SUCCESS", 0]);
  expect(answer(firmware, "sensor", "SENSOR_LIST_UPDATE_INTERVALS", 0, 0)).toEqual(["NOT_SUPPORTED"]);
  expect(answer(firmware, "sensor", "PROTOCOL_MESSAGE_ATTRIBUTES", 0xc)).toEqual(["NOT_FOUND"]);
  for (const id of [0x4, 0x5, 0x7, 0xa, 0xc]) {
    expect(firmware.statusOfId(0, 0x15, id, 0)).toBe("NOT_SUPPORTED");
  }
});

test("RESET ignores what it does not know", () => {
  const firmware = tfa();
  expect(firmware.status(0, "reset", "RESET", 0, 0xffff_fffe, 0x8000_0001)).toBe("SUCCESS");
  expect(firmware.state.reset.at(0).lastState).toBe(0x8000_0001);
});
