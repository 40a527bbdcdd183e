import { describe, expect, test } from "vitest";
import type { FirmwareConfig } from "#config/board/board.ts";
import { powerOn } from "#firmware/power-on.ts";
import { board, clock, device } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { exchange, type Frame } from "./support/frames.ts";

/** Parents and extended configurations of clocks in `v32`. Callers: 1 holds clocks 2 and 3, 2 holds nothing. */

const DUTY_CYCLE = 1;
const PHASE = 2;

function clocks(more: Partial<FirmwareConfig> = {}): TestFirmware {
  return new TestFirmware(
    board("v32", {
      protocols: ["clock"],
      clocks: [
        clock(0, "osc"),
        clock(1, "pll"),
        clock(2, "mux", { parents: [1, 0], parent: 0, extendedConfigs: [DUTY_CYCLE, PHASE, 0x80] }),
        clock(3, "locked", { parents: [0, 1], parent: 1, fixed: true }),
        clock(5, "wide", { parents: Array.from({ length: 30 }, (_, i) => 100 + i), parent: 100 }),
        ...Array.from({ length: 30 }, (_, i) => clock(100 + i, `p${i}`)),
      ],
      devices: [device(0, { clocks: [2, 3], defaultAccess: [1] })],
      ...more,
    }),
  );
}

/** The refusals of each command in their order: each row makes good one more fault than the row above. */
const FRAMES: readonly Frame[] = [
  [
    "CLOCK_ATTRIBUTES of a clock with parents and extended configurations",
    1,
    "00000008 00005003 00000002",
    "00000020 00000000 D8000000 0078756D 00000000 00000000 00000000 00000000",
  ],
  ["POSSIBLE_PARENTS_GET too short", 2, "00000008 0000500C 00000082", "00000008 FFFFFFF6"],
  ["POSSIBLE_PARENTS_GET above", 2, "0000000C 0000500C 00000082 00000002", "00000008 FFFFFFFC"],
  ["POSSIBLE_PARENTS_GET of a gap", 2, "0000000C 0000500C 00000004 00000002", "00000008 FFFFFFFC"],
  [
    "POSSIBLE_PARENTS_GET where there are none",
    2,
    "0000000C 0000500C 00000000 00000002",
    "00000008 FFFFFFFF",
  ],
  ["POSSIBLE_PARENTS_GET past the end", 2, "0000000C 0000500C 00000002 00000002", "00000008 FFFFFFFB"],
  [
    "POSSIBLE_PARENTS_GET",
    2,
    "0000000C 0000500C 00000002 00000000",
    "00000014 00000000 00000002 00000001 00000000",
  ],
  [
    "POSSIBLE_PARENTS_GET from the second",
    2,
    "0000000C 0000500C 00000002 00000001",
    "00000010 00000000 00000001 00000000",
  ],
  ["PARENT_SET too short", 2, "00000008 0000500D 00000082", "00000008 FFFFFFF6"],
  ["PARENT_SET above", 2, "0000000C 0000500D 00000082 00000082", "00000008 FFFFFFFC"],
  ["PARENT_SET to a clock that is not there", 2, "0000000C 0000500D 00000002 00000082", "00000008 FFFFFFFC"],
  ["PARENT_SET denied", 2, "0000000C 0000500D 00000002 00000003", "00000008 FFFFFFFD"],
  ["PARENT_SET where there are none", 2, "0000000C 0000500D 00000000 00000001", "00000008 FFFFFFFF"],
  ["PARENT_SET to another clock", 1, "0000000C 0000500D 00000002 00000003", "00000008 FFFFFFFE"],
  ["PARENT_SET", 1, "0000000C 0000500D 00000002 00000001", "00000008 00000000"],
  ["PARENT_GET too short", 2, "00000004 0000500E", "00000008 FFFFFFF6"],
  ["PARENT_GET above", 2, "00000008 0000500E 00000082", "00000008 FFFFFFFC"],
  ["PARENT_GET where there are none", 2, "00000008 0000500E 00000000", "00000008 FFFFFFFF"],
  ["PARENT_GET", 2, "00000008 0000500E 00000002", "0000000C 00000000 00000000"],

  [
    "CONFIG_GET of a type that the clock has not",
    2,
    "0000000C 0000500B 00000002 00000081",
    "00000008 FFFFFFFE",
  ],
  [
    "CONFIG_GET of a duty cycle",
    2,
    "0000000C 0000500B 00000002 00000001",
    "00000014 00000000 00000000 00000000 00000000",
  ],
  [
    "CONFIG_SET of a type that the clock has not",
    2,
    "00000010 00005007 00000002 00810001 00000000",
    "00000008 FFFFFFFE",
  ],
  ["CONFIG_SET of 101 percent", 2, "00000010 00005007 00000002 00010001 00000065", "00000008 FFFFFFFE"],
  ["CONFIG_SET of 360 degrees", 2, "00000010 00005007 00000002 00020001 00000168", "00000008 FFFFFFFE"],
  ["CONFIG_SET with state 2", 2, "00000010 00005007 00000002 00010002 00000032", "00000008 FFFFFFFE"],
  ["CONFIG_SET denied", 2, "00000010 00005007 00000002 00010003 00000032", "00000008 FFFFFFFD"],
  ["CONFIG_SET of nothing", 1, "00000010 00005007 00000002 00000003 00000000", "00000008 FFFFFFFE"],
  ["CONFIG_SET of a duty cycle", 1, "00000010 00005007 00000002 00010003 00000032", "00000008 00000000"],
];

test.each(FRAMES)("frame %s", (_, caller, request, response) => {
  expect(exchange(clocks(), caller, request)).toBe(response);
});

describe("a parent", () => {
  test("is the board's at power-on, and then the last one set", () => {
    const firmware = clocks();
    const parentOf = (id: number) => firmware.call(2, "clock", "CLOCK_PARENT_GET", id)[1];
    expect([parentOf(2), parentOf(3), parentOf(5)]).toEqual([0, 1, 100]);
    firmware.status(1, "clock", "CLOCK_PARENT_SET", 2, 1);
    firmware.status(2, "clock", "CLOCK_PARENT_SET", 5, 129);
    expect([parentOf(2), parentOf(5)]).toEqual([1, 129]);
  });

  test("of a fixed clock is accepted and stays", () => {
    const firmware = clocks();
    expect(firmware.status(1, "clock", "CLOCK_PARENT_SET", 3, 0)).toBe("SUCCESS");
    expect(firmware.call(2, "clock", "CLOCK_PARENT_GET", 3)).toEqual([0, 1]);
  });

  test("is no cell of a clock that has none", () => {
    const { state } = clocks();
    expect(state.clock.get(0)).not.toHaveProperty("parent");
  });

  test("is one of 30, told in messages of 23", () => {
    const list = (skip: number) => clocks().call(2, "clock", "CLOCK_POSSIBLE_PARENTS_GET", 5, skip);
    expect(list(0).slice(0, 3)).toEqual([0, (7 << 24) | 23, 100]);
    expect(list(23)).toEqual([0, 7, 123, 124, 125, 126, 127, 128, 129]);
  });
});

describe("an extended configuration", () => {
  test("is set with the state, or without", () => {
    const firmware = clocks();
    const set = (type: number, state: number, value: number) =>
      firmware.status(1, "clock", "CLOCK_CONFIG_SET", 2, (type << 16) | state, value);
    const get = (type: number) => firmware.call(2, "clock", "CLOCK_CONFIG_GET", 2, type).slice(2);
    expect(set(DUTY_CYCLE, 1, 50)).toBe("SUCCESS");
    expect([get(DUTY_CYCLE), get(PHASE), get(0)]).toEqual([
      [1, 50],
      [1, 0],
      [1, 0],
    ]);
    expect(set(PHASE, 3, 359)).toBe("SUCCESS");
    expect(set(0x80, 0, 0xffff_ffff)).toBe("SUCCESS");
    expect([get(DUTY_CYCLE), get(PHASE), get(0x80)]).toEqual([
      [0, 50],
      [0, 359],
      [0, 0xffff_ffff],
    ]);
  });

  test("and the state of a clock are as at power-on after the next one", () => {
    const firmware = clocks();
    firmware.status(1, "clock", "CLOCK_CONFIG_SET", 2, (DUTY_CYCLE << 16) | 1, 50);
    firmware.status(1, "clock", "CLOCK_PARENT_SET", 2, 1);
    powerOn(firmware.config, firmware.state, firmware.memory);
    expect(firmware.state.clock.get(2)).toEqual({ rate: 24_000_000, enabled: false, parent: 0 });
  });
});
