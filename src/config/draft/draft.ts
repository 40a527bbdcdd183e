import type { Json } from "#base/canonical-json.ts";

/** A board file that is being made from something else. Fields are in the order in which they are to be written. */
export interface BoardDraft {
  readonly board: DraftMap;
  readonly assumptions: readonly Assumption[];
  readonly notes: readonly ImportNote[];
}

/** A map of a board file. Keys that look like numbers are ids. */
export interface DraftMap {
  readonly [field: string]: DraftValue;
}

export type DraftValue = string | number | boolean | null | readonly DraftValue[] | DraftMap;

/** A value that the source does not say, and what was put in its place. */
export interface Assumption {
  /** The field: `xen.version`, or `firmware.clocks[].rate` for items of a list. */
  readonly field: string;
  /** The items of the list by id; null where the field is of none. */
  readonly ids: readonly number[] | null;
  /** What was put there; null where it differs from item to item. */
  readonly value: Json;
  readonly why: string;
}

/** Something that the source says and a board file has no words for, or that is odd in it. */
export interface ImportNote {
  /** `file:line`, or the path of a node; null: it is about the whole. */
  readonly where: string | null;
  readonly message: string;
  /** What it is about, one by one, where it sums up. */
  readonly items: readonly { readonly what: string; readonly where: string }[];
}

/** Collects assumptions as they are made; alike ones about several items become one. */
export class Assumptions {
  readonly #made = new Map<string, { field: string; ids: number[] | null; values: Json[]; why: string }>();

  /** Notes an assumption and gives its value back. `id` is that of the list's item that it is about. */
  take<Value extends Json>(field: string, value: Value, why: string, id?: number): Value {
    const key = JSON.stringify([field, why]);
    let made = this.#made.get(key);
    if (made === undefined) {
      made = { field, ids: id === undefined ? null : [], values: [], why };
      this.#made.set(key, made);
    }
    if (id !== undefined) made.ids?.push(id);
    made.values.push(value);
    return value;
  }

  all(): Assumption[] {
    return [...this.#made.values()].map(({ field, ids, values, why }) => {
      const [first = null] = values;
      const alike = values.every((value) => JSON.stringify(value) === JSON.stringify(first));
      return { field, ids, value: alike ? first : null, why };
    });
  }
}

/** Items of a list that an assumption's field is of, `firmware.clocks`; null where it is of none. */
export function listOf({ field }: Assumption): string | null {
  const at = field.indexOf("[]");
  return at === -1 ? null : field.slice(0, at);
}
