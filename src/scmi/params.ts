import {
  type BitField,
  type Field,
  type ItemField,
  placeBits,
  type RecordField,
  type U32Field,
} from "./fields.ts";
import { isThere } from "./layout.ts";
import { hasQuantities, parseQuantity } from "./quantity.ts";

const encoder = new TextEncoder();

/** What a parameter's value came to: a value to encode, or what is allowed instead. */
type Parsed =
  | { readonly value: number | bigint | string | readonly unknown[] | Readonly<Record<string, unknown>> }
  | { readonly allowed: string };

/**
 * Reads a parameter as JSON gives it: words as numbers, or as text in decimal or hex; a word with named values also by such a
 * name, a word with named bits also as an object of them (`{"allow": true}`); names as text, lists as arrays; what has a unit also
 * with that unit or its like (`"400MHz"`).
 */
export function parseParam(field: Field | ItemField, given: unknown): Parsed {
  const unit = "unit" in field ? field.unit : undefined;
  if (unit === undefined || !hasQuantities(unit)) return parseValue(field, given);
  const quantity = typeof given === "string" ? parseQuantity(given, unit) : null;
  const parsed = parseValue(field, quantity ?? given);
  return "allowed" in parsed ? { allowed: `${parsed.allowed}, in ${unit} or with a unit` } : parsed;
}

function parseValue(field: Field | ItemField, given: unknown): Parsed {
  switch (field.kind) {
    case "u8":
      return integer(given, 0n, 0xffn, "a byte");
    case "u16":
      return integer(given, 0n, 0xffffn, "an unsigned 16-bit number");
    case "u32":
      return parseWord(field, given);
    case "i32":
      return integer(given, -0x8000_0000n, 0x7fff_ffffn, "a signed 32-bit number");
    case "u64":
      return longInteger(given, 0n, (1n << 64n) - 1n, "an unsigned");
    case "i64":
      return longInteger(given, -(1n << 63n), (1n << 63n) - 1n, "a signed");
    case "name":
      return parseName(field.bytes - 1, given);
    case "list":
      return parseList(field.item, given);
    case "record":
      return parseRecord(field, given);
  }
}

function parseWord(field: U32Field, given: unknown): Parsed {
  const { values, bits } = field;
  const named = typeof given === "string" && values !== undefined ? namedValue(values, given) : undefined;
  if (named !== undefined) return { value: named };
  if (bits !== undefined && typeof given === "object" && given !== null && !Array.isArray(given)) {
    return parseBits(bits, given as Record<string, unknown>);
  }
  const names = values === undefined ? "" : `, or ${Object.keys(values).join(", ")}`;
  const parts = bits === undefined ? "" : `, or an object of ${Object.keys(bits).join(", ")}`;
  return integer(given, 0n, 0xffff_ffffn, "an unsigned 32-bit number", names + parts);
}

function parseBits(bits: NonNullable<U32Field["bits"]>, given: Record<string, unknown>): Parsed {
  let value = 0;
  for (const [name, part] of Object.entries(given)) {
    const field = Object.hasOwn(bits, name) ? bits[name] : undefined;
    if (field === undefined) return { allowed: `an object of ${Object.keys(bits).join(", ")}, not ${name}` };
    const bitsOfPart =
      typeof part === "boolean" ? Number(part) : typeof part === "string" ? ofText(field, part) : part;
    const values = 1n << BigInt(field.width);
    const min = field.signed ? -values / 2n : 0n;
    const parsed = integer(bitsOfPart, min, min + values - 1n, `${name} of ${field.width} bits`);
    if ("allowed" in parsed) return parsed;
    value |= placeBits(parsed.value as number, field);
  }
  return { value: value >>> 0 };
}

/** The value of a name, in either case. */
function namedValue(values: Readonly<Record<string, number>>, name: string): number | undefined {
  const known = Object.keys(values).find((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return known === undefined ? undefined : values[known];
}

/** The bits that a text stands for: a name of theirs, of a single bit also true or false, on or off. */
function ofText({ values = {}, width }: BitField, text: string): number | string {
  const named = namedValue(values, text) ?? (width === 1 ? namedValue(FLAGS, text) : undefined);
  return named ?? text;
}

const FLAGS = { true: 1, on: 1, false: 0, off: 0 } as const;

function parseName(bytesMax: number, given: unknown): Parsed {
  const fits = typeof given === "string" && encoder.encode(given).length <= bytesMax;
  return fits ? { value: given } : { allowed: `text of at most ${bytesMax} bytes` };
}

function parseList(item: ItemField, given: unknown): Parsed {
  if (!Array.isArray(given)) return { allowed: "an array" };
  const items: unknown[] = [];
  for (const element of given) {
    const parsed = parseParam(item, element);
    if ("allowed" in parsed) return { allowed: `an array, each element ${parsed.allowed}` };
    items.push(parsed.value);
  }
  return { value: items };
}

function parseRecord(record: RecordField, given: unknown): Parsed {
  const { fields } = record;
  const names = Object.keys(fields);
  const allowed = `an object of ${names.join(", ")}`;
  if (typeof given !== "object" || given === null || Array.isArray(given)) return { allowed };
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) return { allowed: `${allowed}, not ${unknown}` };
  const values: Record<string, unknown> = {};
  for (const [name, part] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(given, name);
    if (!isGiven && !isThere(record, part, values)) continue;
    const parsed = parseParam(part, isGiven ? (given as Record<string, unknown>)[name] : undefined);
    if ("allowed" in parsed) return { allowed: `${allowed}, ${name} being ${parsed.allowed}` };
    values[name] = parsed.value;
  }
  return { value: values };
}

function longInteger(given: unknown, min: bigint, max: bigint, what: string): Parsed {
  const value = integerOf(given);
  const fits = value !== null && value >= min && value <= max;
  return fits ? { value } : { allowed: `${what} 64-bit number; text in hex or decimal above 2^53` };
}

function integer(given: unknown, min: bigint, max: bigint, what: string, more = ""): Parsed {
  const value = integerOf(given);
  if (value !== null && value >= min && value <= max) return { value: Number(value) };
  return { allowed: `${what} (${min}..${max}), as a number or as text in decimal or hex${more}` };
}

/** The integer that a JSON number, a bigint, or decimal or hex digits stand for. */
function integerOf(given: unknown): bigint | null {
  if (typeof given === "bigint") return given;
  if (typeof given === "number") return Number.isSafeInteger(given) ? BigInt(given) : null;
  if (typeof given === "string" && /^(0x[0-9a-f]+|-?\d+)$/i.test(given)) return BigInt(given);
  return null;
}
