import { assert } from "#base/assert.ts";
import type { Database } from "#store/database.ts";

interface SchemaRow {
  readonly type: "table" | "index";
  readonly name: string;
  readonly tableName: string;
  /** The statement that makes it, as the migration has it. */
  readonly sql: string;
}

/**
 * Empty twins of tables, made from the very statements that made the tables, so that migrations/ stays the one place where these
 * are. They live inside the transaction of the caller, who fills them and swaps them in.
 */
export class ShadowTables {
  readonly #db: Database;
  readonly #schema: readonly SchemaRow[];

  constructor(db: Database, tables: readonly string[]) {
    this.#db = db;
    const rows = db.prepare<[string], SchemaRow>(`
      SELECT type, name, tbl_name AS tableName, sql FROM sqlite_schema
      WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL ORDER BY type DESC, name
    `);
    this.#schema = tables.flatMap((table) => rows.all(table));
    for (const row of this.#schema) db.exec(twinSql(row));
  }

  /** The name of a table's twin. */
  readonly nameOf = (table: string): string => shadow(table);

  /** Drops the tables and puts the twins in their places, under their names. */
  swap(): void {
    for (const { type, name, sql } of this.#schema) {
      if (type === "table") {
        this.#db.exec(`DROP TABLE ${name}; ALTER TABLE ${shadow(name)} RENAME TO ${name}`);
      } else {
        // An index cannot be renamed.
        this.#db.exec(`DROP INDEX ${shadow(name)}; ${sql}`);
      }
    }
  }
}

function shadow(name: string): string {
  return `${name}_rebuilt`;
}

function twinSql({ type, name, tableName, sql }: SchemaRow): string {
  const body = sql.slice(sql.indexOf("("));
  assert(body.startsWith("("), `${name} is made with a list of columns`);
  if (type === "table") return `CREATE TABLE ${shadow(name)} ${body}`;
  // Unique as the index is: only then is it known to find one row at once, where others would be scanned for it.
  const kind = sql.startsWith("CREATE UNIQUE") ? "UNIQUE INDEX" : "INDEX";
  return `CREATE ${kind} ${shadow(name)} ON ${shadow(tableName)} ${body}`;
}
