/** What a cell of the machine's state can hold. `undefined` is an absent cell, which hashes to nothing. */
export type Scalar = string | number | boolean | null;

/** One cell that became something else. Its path is `table.name/row/column`. */
export interface CellChange {
  readonly table: Table<never>;
  readonly row: number | string;
  readonly column: string;
  readonly before: Scalar | undefined;
  readonly after: Scalar | undefined;
}

/** A piece of physical memory that was written; `before` is its content then, or null where it was all zero. */
export interface PieceChange {
  readonly piece: number;
  readonly before: Uint32Array | null;
}

/** A place in a journal, to go back to. */
export interface JournalMark {
  readonly cells: number;
  readonly pieces: number;
}

/**
 * The one list through which all state is written: what changed, from what, to what. The digest is kept from it, a batch
 * whose commit failed is undone with it, and diffs and watchpoints read it.
 */
export class Journal {
  readonly cells: CellChange[] = [];
  readonly pieces: PieceChange[] = [];

  mark(): JournalMark {
    return { cells: this.cells.length, pieces: this.pieces.length };
  }

  /** Forgets the changes so far: they are committed, and nothing will undo them. */
  clear(): void {
    this.cells.length = 0;
    this.pieces.length = 0;
  }
}

/** The names of a row's columns, as strings. */
type Column<Row> = Extract<keyof Row, string | number>;

/**
 * A table of the machine's state: rows by number or text, each a set of named cells. Every write goes through the journal;
 * writing what is there already is no change.
 */
export class Table<Row extends object> {
  /** Path of the table in the state, e.g. `firmware/clock`. */
  readonly name: string;
  readonly #journal: Journal;
  readonly #rows = new Map<number | string, Partial<Record<string, Scalar>>>();

  constructor(name: string, journal: Journal) {
    this.name = name;
    this.#journal = journal;
  }

  /** The row's cells, or undefined where it has none. Read it, never keep or change it. */
  get(row: number | string): Readonly<Partial<Row>> | undefined {
    return this.#rows.get(row) as Readonly<Partial<Row>> | undefined;
  }

  /** The row's cells, where the caller knows that the row is whole. */
  at(row: number | string): Readonly<Row> {
    return this.#rows.get(row) as unknown as Readonly<Row>;
  }

  has(row: number | string): boolean {
    return this.#rows.has(row);
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Row keys, numbers ascending and then texts by code unit: an order that the history of writes does not touch. */
  keys(): (number | string)[] {
    return [...this.#rows.keys()].sort(compareKeys);
  }

  /** Row keys of a table keyed by numbers, ascending. */
  ids(): number[] {
    return this.keys() as number[];
  }

  set<C extends Column<Row>>(row: number | string, column: C, value: Row[C] | undefined): void {
    this.write(row, String(column), value as Scalar | undefined);
  }

  /** Writes every given cell of a row; undefined takes one away. */
  put(row: number | string, cells: { readonly [C in keyof Row]?: Row[C] | undefined }): void {
    for (const column of Object.keys(cells)) {
      this.write(row, column, (cells as Record<string, Scalar | undefined>)[column]);
    }
  }

  /** Removes a row with all its cells. */
  delete(row: number | string): void {
    const cells = this.#rows.get(row);
    if (cells === undefined) return;
    for (const column of Object.keys(cells)) this.write(row, column, undefined);
  }

  /** Removes every row. */
  clear(): void {
    for (const row of this.keys()) this.delete(row);
  }

  /** The untyped write that everything above comes down to; for effects, which name their cell. */
  write(row: number | string, column: string, value: Scalar | undefined): void {
    const before = this.#rows.get(row)?.[column];
    if (before === value) return;
    this.#journal.cells.push({ table: this as unknown as Table<never>, row, column, before, after: value });
    this.restore(row, column, value);
  }

  /** Puts a cell back without a journal entry: for undoing, and for loading a snapshot. */
  restore(row: number | string, column: string, value: Scalar | undefined): void {
    const cells = this.#rows.get(row);
    if (value !== undefined) {
      if (cells === undefined) this.#rows.set(row, { [column]: value });
      else cells[column] = value;
    } else if (cells !== undefined) {
      delete cells[column];
      if (Object.keys(cells).length === 0) this.#rows.delete(row);
    }
  }
}

function compareKeys(a: number | string, b: number | string): number {
  if (typeof a === "number") return typeof b === "number" ? a - b : -1;
  if (typeof b === "number") return 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
