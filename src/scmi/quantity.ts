/** Units of fields: what they measure, and the power of ten of its base unit. */
const UNITS: { readonly [unit: string]: readonly [measure: string, exponent: number] } = {
  Hz: ["Hz", 0],
  kHz: ["Hz", 3],
  s: ["s", 0],
  ms: ["s", -3],
  µs: ["s", -6],
  V: ["V", 0],
  mV: ["V", -3],
  µV: ["V", -6],
  W: ["W", 0],
  mW: ["W", -3],
  µW: ["W", -6],
  bytes: ["B", 0],
};

const PREFIXES: { readonly [prefix: string]: number } = {
  "": 0,
  G: 9,
  M: 6,
  k: 3,
  m: -3,
  u: -6,
  µ: -6,
  // The Greek letter, which some keyboards give instead of the micro sign.
  μ: -6,
  n: -9,
};

/**
 * The value of a field that is given with a unit: `400MHz`, `1.8 V`, `20ms`.
 *
 * @param unit the field's own
 * @returns null where the text is no such value, of another measure, or no whole number in the field's unit
 */
export function parseQuantity(text: string, unit: string): bigint | null {
  const [measure, exponent] = UNITS[unit] ?? ["", 0];
  const match = /^([+-]?\d{1,20})(?:\.(\d{1,20}))?\s*([GMkmuµμn]?)(Hz|s|V|W|B)$/.exec(text);
  if (match === null || match[4] !== measure) return null;
  const [, whole = "", fraction = "", prefix = ""] = match;
  const power = (PREFIXES[prefix] ?? 0) - exponent - fraction.length;
  const digits = BigInt(whole + fraction);
  if (power >= 0) return digits * 10n ** BigInt(power);
  const divisor = 10n ** BigInt(-power);
  return digits % divisor === 0n ? digits / divisor : null;
}

/** Whether values of a unit can be given by {@link parseQuantity}. */
export function hasQuantities(unit: string): boolean {
  return Object.hasOwn(UNITS, unit);
}

/** A value as a person reads it, in the largest unit of its measure that needs no more than three decimals: `400 MHz`, `1.8 V`. */
export function quantityText(value: number | bigint, unit: string): string {
  const [measure, exponent] = UNITS[unit] ?? ["", 0];
  if (measure === "" || measure === "B" || value === 0 || value === 0n) return `${value} ${unit}`;
  const whole = BigInt(value);
  for (const prefix of ["G", "M", "k", "", "m"]) {
    const power = (PREFIXES[prefix] ?? 0) - exponent;
    if (power <= 0) break;
    const step = 10n ** BigInt(power);
    const size = whole < 0n ? -whole : whole;
    const milli = 10n ** BigInt(Math.max(0, power - 3));
    if (size < step || size % milli !== 0n) continue;
    const decimals = String(size % step)
      .padStart(power, "0")
      .replace(/0+$/, "");
    const sign = whole < 0n ? "-" : "";
    return `${sign}${size / step}${decimals === "" ? "" : `.${decimals}`} ${prefix}${measure}`;
  }
  return `${value} ${unit}`;
}
