import fc from "fast-check";
import { expect, test } from "vitest";
import { microseconds } from "#api/position.ts";
import { timeText } from "#base/time.ts";

test("a time is read to the microsecond, and comes back as it was", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000_000 }), (timeUs) => {
      expect(microseconds(timeText(timeUs))).toBe(timeUs);
    }),
  );
});

test.each([
  ["1970-01-01T00:00:00.000001Z", 1],
  ["1970-01-01T00:00:00.0000019Z", 1],
  ["1970-01-01T00:00:01Z", 1_000_000],
  ["1970-01-01T00:01Z", 60_000_000],
  ["1970-01-01", 0],
  ["1970-01-01T01:00:00+01:00", 0],
  ["1970-01-01T01:00:00 01:00", 0],
  ["1969-12-31T23:00:00-0100", 0],
  ["1970-01-01 00:00:00.5z", 500_000],
  ["2024-02-29T00:00:00Z", 1_709_164_800_000_000],
])("%s", (text, timeUs) => {
  expect(microseconds(text)).toBe(timeUs);
});

test.each([
  "",
  "now",
  "1970",
  "1970-01-01T00:00:00",
  "1970-13-01T00:00:00Z",
  "2023-02-29T00:00:00Z",
  "1970-01-01T24:00:00Z",
  "1970-01-01T00:60:00Z",
  "1970-01-01T00:00:60Z",
  "1970-01-01T00:00:00.Z",
  "1970-01-01T00:00:00Zulu",
  "70-01-01T00:00:00Z",
  "1970-01-01T00:00:00+25:00",
  "1970-01-01T00:00:00-01:60",
])("%j is no time", (text) => {
  expect(microseconds(text)).toBeNull();
});
