import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeInterval } from "#config/board/update-interval.ts";

test.each([
  [1, 1, -6],
  [1500, 1500, -6],
  [65_535, 65_535, -6],
  [100_000, 100, -3],
  [65_535_000, 65_535, -3],
  [1_000_000, 1, 0],
  [65_535_000_000, 65_535, 0],
  [100_000_000_000, 10_000, 1],
  [655_350_000_000_000, 65_535, 4],
])("%i µs are %i * 10^%i s", (intervalUs, seconds, exponent) => {
  expect(encodeInterval(intervalUs)).toEqual({ seconds, exponent });
});

test.each([65_537, 123_456_789, 65_537_000])("%i µs have too many digits", (intervalUs) => {
  expect(encodeInterval(intervalUs)).toBe(null);
});

test("what is told is the interval, exactly", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 0xffff }),
    fc.integer({ min: 0, max: 10 }),
    (n, zeros) => {
      const { seconds, exponent } = encodeInterval(n * 10 ** zeros) ?? { seconds: 0, exponent: 0 };
      expect(BigInt(seconds) * 10n ** BigInt(exponent + 6)).toBe(BigInt(n) * 10n ** BigInt(zeros));
    },
  );
  fc.assert(property);
});
