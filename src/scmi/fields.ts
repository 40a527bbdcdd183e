/** A named part of a word: `width` bits from bit `low` up. */
export interface BitField {
  readonly low: number;
  readonly width: number;
  readonly doc: string;
  /** Two's complement. */
  readonly signed?: true;
  /** Names of values; a value without a name shows as a number. */
  readonly values?: Readonly<Record<string, number>>;
}

interface About {
  readonly doc?: string;
  readonly unit?: string;
  /** Protocol version word from which the message has this field; left out, every version has it. */
  readonly from?: number;
  /** In a record: a bit of an earlier part, `attributesLow.extended`, and the record has this part only where it is set. */
  readonly when?: string;
}

export interface U32Field extends About {
  readonly kind: "u32";
  /** The parts of the word that have a meaning; all other bits are reserved. */
  readonly bits?: Readonly<Record<string, BitField>>;
  /** Names of whole words. */
  readonly values?: Readonly<Record<string, number>>;
}

export interface I32Field extends About {
  readonly kind: "i32";
}

/** Two words, the low one first. */
export interface U64Field extends About {
  readonly kind: "u64";
}

/** Two words, the low one first, two's complement. */
export interface I64Field extends About {
  readonly kind: "i64";
}

/** NUL-terminated text in a fixed field, zero padded. */
export interface NameField extends About {
  readonly kind: "name";
  readonly bytes: 16 | 64;
}

/** Several values side by side, as one item of a list; items can differ in size where a part depends on a bit. */
export interface RecordField {
  readonly kind: "record";
  readonly fields: Readonly<Record<string, ValueField>>;
}

/** What a list holds. */
export type ItemField =
  | { readonly kind: "u8" }
  | { readonly kind: "u16" }
  | U32Field
  | I32Field
  | U64Field
  | I64Field
  | RecordField;

/** Items up to the end of the payload, which is padded to whole words. Always a message's last field. */
export interface ListField extends About {
  readonly kind: "list";
  readonly item: ItemField;
}

/** A field that holds one value of fixed size. */
export type ValueField = U32Field | I32Field | U64Field | I64Field | NameField;

export type Field = ValueField | ListField;

/** The fields of one direction of a message, in the order of the wire, without padding. */
export type Fields = Readonly<Record<string, Field>>;

export const u32: U32Field = { kind: "u32" };
export const i32: I32Field = { kind: "i32" };
export const u64: U64Field = { kind: "u64" };
export const i64: I64Field = { kind: "i64" };
/** 15 bytes and a NUL. */
export const name16: NameField = { kind: "name", bytes: 16 };
/** 63 bytes and a NUL. */
export const name64: NameField = { kind: "name", bytes: 64 };

export const u8 = { kind: "u8" } as const;
export const u16 = { kind: "u16" } as const;

/** An item of a list that is made of several values. */
export function record<const Inner extends RecordField["fields"]>(
  fields: Inner,
): Omit<RecordField, "fields"> & { readonly fields: Inner } {
  return { kind: "record", fields };
}

/** A u32 with a meaning: its unit, its bits, the names of its values. */
export function word<const Details extends Omit<U32Field, "kind">>(
  about: Details,
): Details & { readonly kind: "u32" } {
  return { kind: "u32", ...about };
}

/** One bit of a word. */
export function bit(low: number, doc: string): BitField {
  return { low, width: 1, doc };
}

/** Bits `high` down to `low` of a word. */
export function bits(
  high: number,
  low: number,
  doc: string,
  values?: Readonly<Record<string, number>>,
): BitField {
  const part = { low, width: high - low + 1, doc };
  return values === undefined ? part : { ...part, values };
}

/** Bits `high` down to `low` of a word, as a signed number. */
export function signedBits(high: number, low: number, doc: string): BitField & { readonly signed: true } {
  return { ...bits(high, low, doc), signed: true };
}

/** A list of items up to the end of the payload. */
export function list<Item extends ItemField>(item: Item): Omit<ListField, "item"> & { readonly item: Item } {
  return { kind: "list", item };
}

/** The same field, in a unit. */
export function inUnit<F extends Field>(unit: string, field: F): F {
  return { ...field, unit };
}

/** The same field, present from protocol version `version` on. */
export function from<F extends Field>(version: number, field: F): F & { readonly from: number } {
  return { ...field, from: version };
}

/** The same field, as a part of a record that only has it where a bit of an earlier part is set. */
export function when<F extends ValueField>(bit: string, field: F): F & { readonly when: string } {
  return { ...field, when: bit };
}

type PlainValue<F> = F extends { readonly kind: "u64" | "i64" }
  ? bigint
  : F extends { readonly kind: "name" }
    ? string
    : F extends { readonly kind: "list"; readonly item: infer Item }
      ? readonly PlainValue<Item>[]
      : F extends { readonly kind: "record"; readonly fields: infer Inner extends Fields }
        ? Values<Inner>
        : number;

type ValueOf<F> = F extends { readonly from: number } | { readonly when: string }
  ? PlainValue<F> | undefined
  : PlainValue<F>;

/** What the fields of a message hold: u32, i32 as numbers, u64, i64 as bigints, names as strings. */
export type Values<F extends Fields> = { readonly [Name in keyof F]: ValueOf<F[Name]> };

/** The bits of a word that have no meaning, as a mask: a sender must leave them 0. */
export function reservedBits(field: U32Field): number {
  let named = 0;
  for (const { low, width } of Object.values(field.bits ?? {})) named |= maskOf(width) << low;
  return field.bits === undefined ? 0 : ~named >>> 0;
}

/** The value of one part of a word. */
export function readBits(value: number, { low, width, signed }: BitField): number {
  if (signed) return (value << (32 - low - width)) >> (32 - width);
  return ((value >>> low) & maskOf(width)) >>> 0;
}

/** One part's place in a word: as many bits of `part` as it is wide, all other bits 0. */
export function placeBits(part: number, { low, width }: BitField): number {
  return ((part & maskOf(width)) << low) >>> 0;
}

/** A word made of its named parts; a part left out, and every reserved bit, is 0. */
export function composeWord<Bits extends Readonly<Record<string, BitField>>>(
  field: { readonly bits: Bits },
  parts: { readonly [Name in keyof Bits]?: number | boolean },
): number {
  let value = 0;
  for (const name of Object.keys(parts))
    value |= placeBits(Number(parts[name]), field.bits[name] as BitField);
  return value >>> 0;
}

function maskOf(width: number): number {
  return width === 32 ? 0xffff_ffff : 2 ** width - 1;
}
