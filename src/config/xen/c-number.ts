/** Numbers as the C library reads them: what is around and after the digits is where real configurations go wrong. */

/** White space of C's `isspace`. */
const BLANKS = "[ \\t\\n\\v\\f\\r]*";
const DECIMAL = new RegExp(`${BLANKS}([+-]?)([0-9]+)`, "y");
const HEX = new RegExp(`${BLANKS}([+-]?)(?:0[xX](?=[0-9a-fA-F]))?([0-9a-fA-F]+)`, "y");
const ANY_BASE = new RegExp(`${BLANKS}([+-]?)(0[xX](?=[0-9a-fA-F])|0(?=[0-9])|)`, "y");
const DIGITS = { 8: /[0-7]*/y, 10: /[0-9]*/y, 16: /[0-9a-fA-F]*/y } as const;

/** Most that 64 bits hold: what strtoul gives for a number out of its range. */
export const ULONG_MAX = 2n ** 64n - 1n;

/** A number and the index after its last digit. */
export interface CNumber {
  readonly value: bigint;
  readonly end: number;
}

/** What `strtoul(text, &end, 10)` reads, unsigned and saturating; a minus wraps round. Null where there are no digits. */
export function strtoul10(text: string): CNumber | null {
  return unsigned(DECIMAL, text, 0, 10);
}

/** What `sscanf`'s `%lx` reads at `at`: as strtoul does in base 16, `0x` or not. Null where there are no digits. */
export function scanHex(text: string, at: number): CNumber | null {
  return unsigned(HEX, text, at, 16);
}

function unsigned(pattern: RegExp, text: string, at: number, base: 10 | 16): CNumber | null {
  pattern.lastIndex = at;
  const match = pattern.exec(text);
  if (match === null) return null;
  const [, sign = "", digits = ""] = match;
  const value = magnitude(digits, base);
  if (value > ULONG_MAX) return { value: ULONG_MAX, end: pattern.lastIndex };
  return { value: sign === "-" ? BigInt.asUintN(64, -value) : value, end: pattern.lastIndex };
}

/**
 * The number that the whole of `text` is for `strtol(text, &end, 0)`: hexadecimal after `0x`, octal after `0`, else decimal.
 * Undefined where something is left over, nothing is there, or 64 bits do not hold it.
 */
export function wholeLong(text: string): bigint | undefined {
  ANY_BASE.lastIndex = 0;
  const [, sign = "", prefix = ""] = ANY_BASE.exec(text) ?? [];
  const base = prefix === "" ? 10 : prefix === "0" ? 8 : 16;
  const pattern = DIGITS[base];
  pattern.lastIndex = ANY_BASE.lastIndex;
  const digits = pattern.exec(text)?.[0] ?? "";
  if (digits === "" || pattern.lastIndex !== text.length) return undefined;
  const value = sign === "-" ? -magnitude(digits, base) : magnitude(digits, base);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** The value of digits; of too many of them something that no 64 bits hold, without the work. */
function magnitude(digits: string, base: 8 | 10 | 16): bigint {
  const significant = digits.replace(/^0+/, "");
  if (significant.length > 32) return ULONG_MAX + 1n;
  const prefix = { 8: "0o", 10: "", 16: "0x" }[base];
  return BigInt(`${prefix}${significant || "0"}`);
}
