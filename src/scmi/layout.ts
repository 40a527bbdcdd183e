import type { Field, Fields, ItemField } from "./fields.ts";

/** Where a field lies in a payload. */
export interface LayoutEntry {
  readonly name: string;
  readonly field: Field;
  /** Bytes from the start of the payload. */
  readonly offset: number;
}

/** The fields of one direction of a message as one range of protocol versions lays them out. */
export interface Layout {
  /** Protocol version word from which it holds. */
  readonly from: number;
  readonly entries: readonly LayoutEntry[];
  /** Bytes of all fields but the list. */
  readonly size: number;
  /** The item of the list at the end, or null. */
  readonly item: ItemField | null;
}

/** Every layout that the versions of a message have had, newest first. */
export function layoutsOf(fields: Fields): readonly Layout[] {
  const versions = new Set([0]);
  for (const field of Object.values(fields)) versions.add(field.from ?? 0);
  return [...versions].sort((a, b) => b - a).map((version) => layoutAt(fields, version));
}

function layoutAt(fields: Fields, version: number): Layout {
  const entries: LayoutEntry[] = [];
  let size = 0;
  let item: ItemField | null = null;
  for (const [name, field] of Object.entries(fields)) {
    if ((field.from ?? 0) > version) continue;
    entries.push({ name, field, offset: size });
    if (field.kind === "list") item = field.item;
    else size += widthOf(field);
  }
  return { from: version, entries, size, item };
}

/** The layout that a protocol version word stands for. */
export function layoutFor(layouts: readonly Layout[], version: number): Layout {
  return layouts.find((layout) => layout.from <= version) as Layout;
}

/** Bytes of a field of fixed size, or of an item of a list. */
export function widthOf(field: Exclude<Field, { kind: "list" }> | ItemField): number {
  switch (field.kind) {
    case "u8":
      return 1;
    case "u64":
      return 8;
    case "name":
      return field.bytes;
    case "u32":
    case "i32":
      return 4;
  }
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
  const items = listOf(layout, values);
  const itemWidth = layout.item === null ? 0 : widthOf(layout.item);
  const bytes = new Uint8Array(layout.size + items.length * itemWidth);
  const view = new DataView(bytes.buffer);
  for (const { name, field, offset } of layout.entries) {
    if (field.kind === "list") {
      items.forEach((item, i) => {
        writeValue(view, offset + i * itemWidth, field.item, item);
      });
    } else writeValue(view, offset, field, values[name]);
  }
  return bytes;
}

/** A request's payload: {@link encodeFields} with a padding of zeros. */
export function encodePadded(layout: Layout, values: Readonly<Record<string, unknown>>): Uint8Array {
  const bytes = encodeFields(layout, values);
  if (bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array(wholeWords(bytes.length));
  padded.set(bytes);
  return padded;
}

function listOf(layout: Layout, values: Readonly<Record<string, unknown>>): readonly unknown[] {
  const last = layout.entries.at(-1);
  return last?.field.kind === "list" ? (values[last.name] as readonly unknown[]) : [];
}

/**
 * Reads a message's values by its layout.
 *
 * @param payload at least `layout.size` bytes; a list takes all whole items that follow
 */
export function decodeFields(layout: Layout, payload: Uint8Array): Record<string, unknown> {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const values: Record<string, unknown> = {};
  for (const { name, field, offset } of layout.entries) {
    values[name] =
      field.kind === "list" ? readItems(view, offset, field.item) : readValue(view, offset, field);
  }
  return values;
}

/** The whole items from `offset` to the end, or the first `countMax` of them. */
export function readItems(
  view: DataView,
  offset: number,
  item: ItemField,
  countMax = Number.POSITIVE_INFINITY,
): (number | bigint)[] {
  const width = widthOf(item);
  const count = Math.min(countMax, Math.floor((view.byteLength - offset) / width));
  return Array.from(
    { length: count },
    (_, i) => readValue(view, offset + i * width, item) as number | bigint,
  );
}

/** One value. The caller has checked that it lies inside. */
export function readValue(
  view: DataView,
  offset: number,
  field: Exclude<Field, { kind: "list" }> | ItemField,
): number | bigint | string {
  switch (field.kind) {
    case "u8":
      return view.getUint8(offset);
    case "u32":
      return view.getUint32(offset, true);
    case "i32":
      return view.getInt32(offset, true);
    case "u64":
      return view.getBigUint64(offset, true);
    case "name":
      return readName(new Uint8Array(view.buffer, view.byteOffset + offset, field.bytes));
  }
}

function writeValue(
  view: DataView,
  offset: number,
  field: Exclude<Field, { kind: "list" }> | ItemField,
  value: unknown,
): void {
  switch (field.kind) {
    case "u8":
      view.setUint8(offset, value as number);
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
    case "name":
      // One byte is kept for the NUL; encodeInto never cuts a character in two.
      new TextEncoder().encodeInto(value as string, new Uint8Array(view.buffer, offset, field.bytes - 1));
      return;
  }
}

/** Text up to the NUL, or all of it where none comes. Bytes that are not UTF-8 show as U+FFFD. */
function readName(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
