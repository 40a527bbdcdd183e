import type { Json } from "#base/canonical-json.ts";
import { type BitField, type ItemField, readBits, type U32Field } from "./fields.ts";
import type { ItemValue } from "./layout.ts";

/** A word in words: the name of its value, or the parts that it has names for; null where there is nothing to add. */
export function meaningOf(field: U32Field, value: number): Json {
  const name = nameOf(field.values, value);
  if (name !== undefined) return name;
  const parts = Object.entries(field.bits ?? {});
  return parts.length === 0
    ? null
    : Object.fromEntries(parts.map(([part, bits]) => [part, meaningOfPart(bits, value)]));
}

/** An item of a list in words: as {@link meaningOf}, a record by those of its parts that have something to add. */
export function meaningOfItem(field: ItemField, value: ItemValue): Json {
  if (field.kind === "u32") return meaningOf(field, value as number);
  if (field.kind !== "record" || typeof value !== "object") return null;
  const parts = Object.entries(field.fields).flatMap(([name, part]) => {
    const isThere = Object.hasOwn(value, name);
    const words = part.kind === "u32" && isThere ? meaningOf(part, value[name] as number) : null;
    return words === null ? [] : [[name, words] as const];
  });
  return parts.length === 0 ? null : Object.fromEntries(parts);
}

function meaningOfPart(bits: BitField, word: number): Json {
  const value = readBits(word, bits);
  if (bits.width === 1) return value === 1;
  return nameOf(bits.values, value) ?? value;
}

function nameOf(values: Readonly<Record<string, number>> | undefined, value: number): string | undefined {
  return Object.entries(values ?? {}).find(([, named]) => named === value)?.[0];
}
