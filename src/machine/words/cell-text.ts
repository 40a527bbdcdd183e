import type { Scalar } from "#base/cells.ts";

/** Characters of a value that are shown; JSON has it whole. */
const VALUE_CHARACTERS = 200;

/** A cell of the state that is another: not there before, or not there after, where that is undefined. */
export interface ChangedCell {
  readonly path: string;
  readonly before?: Scalar | undefined;
  readonly after?: Scalar | undefined;
}

/** A cell as expressions name it: `mediator.domain[3].state`. */
export function cellPath(table: string, row: number | string, column: string): string {
  return `${table.replaceAll("/", ".")}[${JSON.stringify(row)}]${/^[A-Za-z_][\w-]*$|^\d+$/.test(column) ? `.${column}` : `[${JSON.stringify(column)}]`}`;
}

/** That a cell is another, for any cell: `path: old → new`. */
export function cellText({ path, before, after }: ChangedCell): string {
  if (before === undefined) return `${path} is new: ${shortJson(after)}`;
  if (after === undefined) return `${path} is gone: it was ${shortJson(before)}`;
  return `${path}: ${shortJson(before)} → ${shortJson(after)}`;
}

/** A value as JSON, cut off where it is long. */
export function shortJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return text.length > VALUE_CHARACTERS ? `${text.slice(0, VALUE_CHARACTERS)} …` : text;
}
