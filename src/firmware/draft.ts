import type { Scalar, Table } from "#base/cells.ts";
import type { Effect, FirmwareState, FirmwareTable } from "./state.ts";

type RowOf<T extends FirmwareTable> = FirmwareState[T] extends Table<infer Row> ? Row : never;

/**
 * The firmware's state as one message sees it: reads go through to the tables, writes stay here as effects, and a read after a
 * write finds what was written. The tables are not touched.
 */
export class Draft {
  readonly #state: FirmwareState;
  #effects: Map<string, Effect> | null = null;

  constructor(state: FirmwareState) {
    this.#state = state;
  }

  get<T extends FirmwareTable, C extends keyof RowOf<T>>(
    table: T,
    row: number,
    column: C,
  ): RowOf<T>[C] | undefined {
    const written = this.#effects?.get(keyOf(table, row, String(column)));
    return (written === undefined ? this.#stored(table, row, String(column)) : written.value) as
      | RowOf<T>[C]
      | undefined;
  }

  /** Writes a cell; undefined takes it away. What leaves the cell as the tables have it is no effect. */
  set<T extends FirmwareTable, C extends keyof RowOf<T>>(
    table: T,
    row: number,
    column: C,
    value: RowOf<T>[C] | undefined,
  ): void {
    const name = String(column);
    const key = keyOf(table, row, name);
    const after = value as Scalar | undefined;
    if (this.#stored(table, row, name) === after) {
      this.#effects?.delete(key);
      return;
    }
    this.#effects ??= new Map();
    this.#effects.set(key, { table, row, column: name, value: after });
  }

  /** The cells of a row, as they are after what was written here. */
  row<T extends FirmwareTable>(table: T, row: number): Readonly<Partial<RowOf<T>>> {
    const stored = this.#state[table].get(row) ?? {};
    if (this.#effects === null) return stored as Partial<RowOf<T>>;
    const cells: Partial<Record<string, Scalar>> = { ...stored };
    for (const { table: of, row: at, column, value } of this.#effects.values()) {
      if (of !== table || at !== row) continue;
      if (value === undefined) delete cells[column];
      else cells[column] = value;
    }
    return cells as Partial<RowOf<T>>;
  }

  /** Columns that the tables have in a row, whatever was written here. */
  columns(table: FirmwareTable, row: number): string[] {
    return Object.keys(this.#state[table].get(row) ?? {});
  }

  /** Rows that the tables have, ascending. */
  rows(table: FirmwareTable): number[] {
    return this.#state[table].ids();
  }

  /** What the message changed, in the order of its first writes. */
  effects(): readonly Effect[] {
    return this.#effects === null ? NO_EFFECTS : [...this.#effects.values()];
  }

  #stored(table: FirmwareTable, row: number, column: string): Scalar | undefined {
    return (this.#state[table].get(row) as Partial<Record<string, Scalar>> | undefined)?.[column];
  }
}

const NO_EFFECTS: readonly Effect[] = [];

function keyOf(table: FirmwareTable, row: number, column: string): string {
  return `${table}/${row}/${column}`;
}
