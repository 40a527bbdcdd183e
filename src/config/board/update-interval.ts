/** An update interval as SCMI writes it: `seconds * 10^exponent` seconds, with 16 bits for the one and 5 for the other. */
export interface UpdateInterval {
  readonly seconds: number;
  readonly exponent: number;
}

const SECONDS_MAX = 0xffff;
/** Exponent of a microsecond. */
const MICRO = -6;

/**
 * An interval as SCMI writes it, in whole seconds, milliseconds or microseconds as far as they fit.
 *
 * @param intervalUs a whole number of microseconds, above 0
 * @returns null where it has more digits than SCMI has room for
 */
export function encodeInterval(intervalUs: number): UpdateInterval | null {
  for (const exponent of [0, -3, MICRO]) {
    const unitUs = 10 ** (exponent - MICRO);
    const seconds = intervalUs / unitUs;
    if (Number.isInteger(seconds) && seconds <= SECONDS_MAX) return { seconds, exponent };
  }
  let seconds = intervalUs;
  let exponent = MICRO;
  while (seconds > SECONDS_MAX && seconds % 10 === 0) {
    seconds /= 10;
    exponent += 1;
  }
  return seconds <= SECONDS_MAX ? { seconds, exponent } : null;
}
