import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuantity, quantityText } from "#scmi/quantity.ts";

test.each<[string, string, bigint | null]>([
  ["400MHz", "Hz", 400_000_000n],
  ["1.8432 MHz", "Hz", 1_843_200n],
  ["24000000Hz", "Hz", 24_000_000n],
  ["2GHz", "kHz", 2_000_000n],
  ["0.5kHz", "Hz", 500n],
  ["20ms", "µs", 20_000n],
  ["20us", "µs", 20n],
  ["20µs", "µs", 20n],
  ["1.8V", "µV", 1_800_000n],
  ["-5mV", "µV", -5000n],
  ["3W", "mW", 3000n],
  ["64B", "bytes", 64n],
  ["0.5Hz", "Hz", null],
  ["1Hz", "kHz", null],
  ["400MHz", "µs", null],
  ["400", "Hz", null],
  ["MHz", "Hz", null],
  ["4e3Hz", "Hz", null],
  ["400mHz", "Hz", null],
  ["400MHz", "parsecs", null],
])("%s in %s", (text, unit, value) => {
  expect(parseQuantity(text, unit)).toBe(value);
});

test.each<[number, string, string]>([
  [400_000_000, "Hz", "400 MHz"],
  [1_843_200, "Hz", "1843.2 kHz"],
  [999, "Hz", "999 Hz"],
  [0, "Hz", "0 Hz"],
  [1_800_000, "µV", "1.8 V"],
  [-1500, "µV", "-1.5 mV"],
  [20_000, "µs", "20 ms"],
  [7, "bytes", "7 bytes"],
  [2_000_000, "kHz", "2 GHz"],
])("%d %s reads %s", (value, unit, text) => {
  expect(quantityText(value, unit)).toBe(text);
});

test("what is told is read as the same value", () => {
  const unit = fc.constantFrom("Hz", "kHz", "µs", "ms", "µV", "µW", "mW");
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), unit, (value, of) => {
      expect(parseQuantity(quantityText(value, of), of)).toBe(value);
    }),
  );
});
