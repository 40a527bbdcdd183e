import type { Scalar, Table } from "#base/cells.ts";
import type { MachineState } from "../state/state.ts";

export type Cells = { readonly [column: string]: Scalar | undefined };

/** A row of which something is another. */
export interface RowChange {
  /** Path of the table, e.g. `mediator/domain`. */
  readonly table: string;
  readonly row: number | string;
  /** What it was and is; empty: it was not there, or is not any more. */
  readonly before: Cells;
  readonly after: Cells;
  /** The columns that are others, in order. */
  readonly columns: readonly string[];
}

/** The rows in which two states differ, table by table in the order of snapshots, by row. */
export function rowChanges(before: MachineState, after: MachineState): RowChange[] {
  const tables = after.tables();
  return before.tables().flatMap((table, i) => changesOf(table, tables[i] as Table<object>));
}

function changesOf(was: Table<object>, is: Table<object>): RowChange[] {
  const rows = new Set([...was.keys(), ...is.keys()]);
  return [...rows]
    .sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a) < String(b) ? -1 : 1))
    .flatMap((row) => {
      const before = (was.get(row) ?? {}) as Cells;
      const after = (is.get(row) ?? {}) as Cells;
      const columns = [...new Set([...Object.keys(before), ...Object.keys(after)])]
        .filter((column) => before[column] !== after[column])
        .sort();
      return columns.length === 0 ? [] : [{ table: was.name, row, before, after, columns }];
    });
}
