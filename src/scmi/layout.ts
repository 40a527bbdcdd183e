import { allocate, viewOf } from "#base/slab.ts";
import {
  type BitField,
  type Fields,
  type ItemField,
  type RecordField,
  readBits,
  type U32Field,
  type ValueField,
} from "./fields.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Where a field lies in a payload. */
export interface LayoutEntry {
  readonly name: string;
  readonly field: ValueField;
  /** Bytes from the start of the payload. */
  readonly offset: number;
}

/** The fields of one direction of a message as one range of protocol versions lays them out. */
export interface Layout {
  /** Protocol version word from which it holds. */
  readonly from: number;
  /** All fields but the list. */
  readonly entries: readonly LayoutEntry[];
  /** Bytes of `entries`: where the list starts. */
  readonly size: number;
  readonly list: { readonly name: string; readonly item: ItemField } | null;
}

/** Every layout that the versions of a message have had, newest first. */
export function layoutsOf(fields: Fields): readonly Layout[] {
  const versions = new Set([0]);
  for (const field of Object.values(fields)) {
    versions.add(field.from ?? 0);
    if (field.kind !== "list" || field.item.kind !== "record") continue;
    for (const part of Object.values(field.item.fields)) versions.add(part.from ?? 0);
  }
  return [...versions].sort((a, b) => b - a).map((version) => layoutAt(fields, version));
}

function layoutAt(fields: Fields, version: number): Layout {
  const entries: LayoutEntry[] = [];
  let size = 0;
  let list: Layout["list"] = null;
  for (const [name, field] of Object.entries(fields)) {
    if ((field.from ?? 0) > version) continue;
    if (field.kind === "list") {
      list = { name, item: itemAt(field.item, version) };
    } else {
      entries.push({ name, field, offset: size });
      size += widthOf(field);
    }
  }
  return { from: version, entries, size, list };
}

/** An item of a list with the parts that a version has. */
function itemAt(item: ItemField, version: number): ItemField {
  if (item.kind !== "record") return item;
  const parts = Object.entries(item.fields).filter(([, { from = 0 }]) => from <= version);
  return { kind: "record", fields: Object.fromEntries(parts) };
}

/** The layout that a protocol version word stands for. */
export function layoutFor(layouts: readonly Layout[], version: number): Layout {
  return layouts.find((layout) => layout.from <= version) as Layout;
}

/** Bytes of a field of fixed size, or of an item of a list: of a record, without the parts that depend on a bit. */
export function widthOf(field: ValueField | ItemField): number {
  switch (field.kind) {
    case "u8":
      return 1;
    case "u16":
      return 2;
    case "u64":
    case "i64":
      return 8;
    case "name":
      return field.bytes;
    case "u32":
    case "i32":
      return 4;
    case "record":
      return bytesOfParts(Object.values(field.fields).filter((part) => part.when === undefined));
  }
}

function bytesOfParts(parts: readonly ValueField[]): number {
  return parts.reduce((bytes, part) => bytes + widthOf(part), 0);
}

/** Bytes of one item of a list, with the parts that its own words ask for. */
export function bytesOfItem(item: ItemField, value: unknown): number {
  if (item.kind !== "record") return widthOf(item);
  const values = value as Readonly<Record<string, unknown>>;
  return bytesOfParts(Object.values(item.fields).filter((part) => isThere(item, part, values)));
}

/** Whether a record has one of its parts, by the values of the parts before it. */
export function isThere(
  { fields }: RecordField,
  { when }: ValueField,
  values: Readonly<Record<string, unknown>>,
): boolean {
  if (when === undefined) return true;
  const [word = "", bit = ""] = when.split(".");
  return readBits(values[word] as number, (fields[word] as U32Field).bits?.[bit] as BitField) !== 0;
}

/** Bytes that a payload takes on the wire, where only whole words are sent. */
export function wholeWords(bytes: number): number {
  return (bytes + 3) & ~3;
}

/**
 * Writes a message's values by its layout.
 *
 * @returns the payload without the padding after a list of odd length: firmware differs in what it puts there
 */
export function encodeFields(layout: Layout, values: Readonly<Record<string, unknown>>): Uint8Array {
  const { entries, size, list } = layout;
  const items = list === null ? [] : (values[list.name] as readonly unknown[]);
  let end = size;
  if (list !== null) for (const item of items) end += bytesOfItem(list.item, item);
  const bytes = allocate(end);
  const view = viewOf(bytes);
  for (const { name, field, offset } of entries) writeValue(view, offset, field, values[name]);
  if (list !== null) {
    let at = size;
    for (const item of items) {
      writeValue(view, at, list.item, item);
      at += bytesOfItem(list.item, item);
    }
  }
  return bytes;
}

/**
 * Reads a message's values by its layout.
 *
 * @param payload at least `layout.size` bytes; a list takes all whole items that follow
 */
export function decodeFields(layout: Layout, payload: Uint8Array): Record<string, unknown> {
  const { entries, size, list } = layout;
  const view = viewOf(payload);
  const values: Record<string, unknown> = {};
  for (const { name, field, offset } of entries) values[name] = readValue(view, offset, field);
  if (list !== null) values[list.name] = readItems(view, size, list.item).items;
  return values;
}

/** The whole items from `offset` to the end, or the first `countMax` of them, and where they end. */
export function readItems(
  view: DataView,
  offset: number,
  item: ItemField,
  countMax = Number.POSITIVE_INFINITY,
): { readonly items: ItemValue[]; readonly end: number } {
  const items: ItemValue[] = [];
  let end = offset;
  while (items.length < countMax && end + widthOf(item) <= view.byteLength) {
    const value = readItem(view, end, item);
    if (value === null) break;
    items.push(value);
    end += bytesOfItem(item, value);
  }
  return { items, end };
}

/** What an item of a list holds: a record by the names of its parts. */
export type ItemValue = number | bigint | string | { readonly [part: string]: number | bigint | string };

/** One item, or null: it has parts beyond the end. The caller has checked that those that do not depend on a bit lie inside. */
function readItem(view: DataView, offset: number, item: ItemField): ItemValue | null {
  if (item.kind !== "record") return readValue(view, offset, item);
  const values: { [part: string]: number | bigint | string } = {};
  let at = offset;
  for (const [name, part] of Object.entries(item.fields)) {
    if (!isThere(item, part, values)) continue;
    if (at + widthOf(part) > view.byteLength) return null;
    values[name] = readValue(view, at, part);
    at += widthOf(part);
  }
  return values;
}

/** One value. The caller has checked that it lies inside. */
export function readValue(
  view: DataView,
  offset: number,
  field: ValueField | Exclude<ItemField, RecordField>,
): number | bigint | string {
  switch (field.kind) {
    case "u8":
      return view.getUint8(offset);
    case "u16":
      return view.getUint16(offset, true);
    case "u32":
      return view.getUint32(offset, true);
    case "i32":
      return view.getInt32(offset, true);
    case "u64":
      return view.getBigUint64(offset, true);
    case "i64":
      return view.getBigInt64(offset, true);
    case "name":
      return readName(new Uint8Array(view.buffer, view.byteOffset + offset, field.bytes));
  }
}

function writeValue(view: DataView, offset: number, field: ValueField | ItemField, value: unknown): void {
  switch (field.kind) {
    case "u8":
      view.setUint8(offset, value as number);
      return;
    case "u16":
      view.setUint16(offset, value as number, true);
      return;
    case "u32":
      view.setUint32(offset, value as number, true);
      return;
    case "i32":
      view.setInt32(offset, value as number, true);
      return;
    case "u64":
      view.setBigUint64(offset, value as bigint, true);
      return;
    case "i64":
      view.setBigInt64(offset, value as bigint, true);
      return;
    case "name":
      // One byte is kept for the NUL; encodeInto never cuts a character in two.
      encoder.encodeInto(
        value as string,
        new Uint8Array(view.buffer, view.byteOffset + offset, field.bytes - 1),
      );
      return;
    case "record":
      writeRecord(view, offset, field, value as Readonly<Record<string, unknown>>);
      return;
  }
}

function writeRecord(
  view: DataView,
  offset: number,
  record: RecordField,
  values: Readonly<Record<string, unknown>>,
): void {
  let at = offset;
  for (const [name, part] of Object.entries(record.fields)) {
    if (!isThere(record, part, values)) continue;
    writeValue(view, at, part, values[name]);
    at += widthOf(part);
  }
}

/** Text up to the NUL, or all of it where none comes. Bytes that are not UTF-8 show as U+FFFD. */
function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}
