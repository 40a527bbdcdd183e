import { createHash } from "node:crypto";
import type { Database } from "#store/database.ts";

/** How many rows a table has, and SHA-256 over all of them in the order of their primary key, hex. */
export interface TableHash {
  readonly rows: number;
  readonly hash: string;
}

/** Hashes a table's rows: the same rows give the same hash, whatever order they came in and whatever the table is called. */
export function hashTable(db: Database, table: string): TableHash {
  const key = db
    .prepare<[string], string>("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")
    .pluck()
    .all(table);
  const select = db.prepare<[], unknown[]>(`SELECT * FROM ${table} ORDER BY ${key.join(", ")}`).raw();
  const hash = createHash("sha256");
  let rows = 0;
  for (const row of select.iterate()) {
    hash.update(`${JSON.stringify(row)}\n`);
    rows += 1;
  }
  return { rows, hash: hash.digest("hex") };
}
