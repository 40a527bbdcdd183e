import { expect, test } from "vitest";
import { SWITCHES } from "#config/board-switches.ts";
import { SWITCHES as OBEYED } from "#firmware/switches.ts";

test("the board file knows the switches that the firmware obeys", () => {
  expect(Object.keys(SWITCHES)).toEqual(Object.keys(OBEYED));
});

test.each(Object.entries(OBEYED))(
  "%s may be in the board file what the firmware accepts",
  (name, { accepts }) => {
    const values = [
      true,
      -1,
      0,
      1,
      27,
      28,
      255,
      256,
      4068,
      4069,
      0xffff_ffff,
      2 ** 32,
      1.5,
      "",
      "DENIED",
      "IN_USE",
    ];
    const words = [
      "SUCCESS",
      "INVALID_PARAMETERS",
      "ignore",
      "exact",
      "atLeast",
      "kept",
      "replaced",
      "zero",
      "passed",
    ];
    for (const value of [...values, ...words, "32-bit", "64-bit", "global", "none", "perAgent", null, []]) {
      expect([value, SWITCHES[name]?.safeParse(value).success]).toEqual([value, accepts(value)]);
    }
  },
);
