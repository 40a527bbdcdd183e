import Sqlite, { type Database } from "better-sqlite3";

/** The values of a run of rows, by column: the i-th of each belongs to the i-th row. */
export type Columns<Row> = { readonly [Name in keyof Row]: readonly Row[Name][] };

/** One row of columns. */
export type RowOf<C> = { [Name in keyof C]: C[Name] extends readonly (infer Value)[] ? Value : never };

/**
 * Reads long runs of rows by column, each as one JSON array that SQLite writes: two thirds of the time that rows take. Numbers,
 * texts and NULL come as they lie in the file, whatever the column should have.
 */
export class ColumnReader<Row extends Record<string, number | string | null>> {
  readonly #select;
  readonly #names: readonly (keyof Row & string)[];

  /**
   * @param key column that a run is cut and ordered by
   * @param columns by name, what is read: an SQL expression over the table
   */
  constructor(db: Database, table: string, key: string, columns: { readonly [Name in keyof Row]: string }) {
    this.#names = Object.keys(columns);
    const values = this.#names.map((name) => `${columns[name]} AS "${name}"`);
    this.#select = db
      .prepare<[number, number], string[]>(`
        SELECT ${this.#names.map((name) => `json_group_array("${name}")`).join(", ")}
        FROM (SELECT ${values.join(", ")} FROM ${table} WHERE ${key} BETWEEN ? AND ? ORDER BY ${key})
      `)
      .raw();
  }

  /** The rows whose key lies between two, both with it. Null where one of them has bytes, which none should. */
  read(from: number, to: number): Columns<Row> | null {
    const texts = this.#texts(from, to);
    if (texts === null) return null;
    const columns = this.#names.map((name, i) => [name, JSON.parse(texts[i] as string)]);
    return Object.fromEntries(columns) as Columns<Row>;
  }

  #texts(from: number, to: number): string[] | null {
    try {
      return this.#select.get(from, to) ?? null;
    } catch (error) {
      // "JSON cannot hold BLOB values": a column of numbers or texts was tampered with.
      if (error instanceof Sqlite.SqliteError && error.code === "SQLITE_ERROR") return null;
      throw error;
    }
  }
}
