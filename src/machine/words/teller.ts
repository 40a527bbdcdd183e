import type { Scalar } from "#base/cells.ts";
import type { RowChange } from "./row-changes.ts";
import type { Who } from "./who.ts";

/** A sentence about a row, and the columns that it speaks of. */
export interface Said {
  readonly text: string;
  readonly columns: readonly string[];
}

/** What a teller may look up. */
export interface Telling {
  readonly who: Who;
  /** What a cell of another row became, which then needs no sentence of its own; undefined: it is as it was, or gone. */
  take(table: string, row: number | string, column: string): Scalar | undefined;
}

/** Puts a row's change into words. Columns that no sentence speaks of are told by their paths. */
export type Teller = (change: RowChange, telling: Telling) => readonly Said[];

/** A sentence about these columns, where one of them is another. */
export function about(
  { columns: changed }: RowChange,
  columns: readonly string[],
  text: () => string,
): Said[] {
  const spoken = columns.filter((column) => changed.includes(column));
  return spoken.length === 0 ? [] : [{ text: text(), columns: spoken }];
}

/** A sentence about one column, of what it was and is. */
export function aboutOne(
  change: RowChange,
  column: string,
  text: (after: Scalar | undefined, before: Scalar | undefined) => string,
): Said[] {
  return about(change, [column], () => text(change.after[column], change.before[column]));
}

export function isNew({ before }: RowChange): boolean {
  return Object.keys(before).length === 0;
}

export function isGone({ after }: RowChange): boolean {
  return Object.keys(after).length === 0;
}
