import { type Database, openInMemory } from "#store/database.ts";
import { schemaVersion } from "#store/migrations.ts";
import type { Faults } from "./faults.ts";

/** Messages of SQLite's own check that are passed on. */
const MESSAGES_MAX = 20;

interface SchemaRow {
  readonly type: string;
  readonly name: string;
  readonly table: string;
  readonly sql: string | null;
}

/** Whether the file is whole as SQLite sees it, every value of the type that its column has. */
export function checkStructure(db: Database, faults: Faults): void {
  const messages = db.prepare<[], string>(`PRAGMA integrity_check(${MESSAGES_MAX})`).pluck().all();
  for (const message of messages) if (message !== "ok") faults.add("file", null, `SQLite finds: ${message}`);
}

/** Whether tables, triggers and views are those that the program made when it was of the log's version: another trigger could change what is written next. */
export function checkSchema(db: Database, faults: Faults): void {
  const expected = expectedSchema(schemaVersion(db));
  const found = schemaOf(db);
  for (const [name, row] of found) {
    const made = expected.get(name);
    if (made === undefined)
      faults.add(row.table, null, `the ${row.type} ${row.name} is not one of this program's`);
    else if (textOf(made) !== textOf(row))
      faults.add(row.table, null, `the ${row.type} ${row.name} is declared otherwise`);
  }
  for (const [name, row] of expected) {
    if (!found.has(name)) faults.add(row.table, null, `the ${row.type} ${row.name} is missing`);
  }
}

const expectedSchemas = new Map<number, ReadonlyMap<string, SchemaRow>>();

/** The schema of a version, made once: that takes longer than all else of a check of a small log. */
function expectedSchema(version: number): ReadonlyMap<string, SchemaRow> {
  const known = expectedSchemas.get(version);
  if (known !== undefined) return known;
  const fresh = openInMemory(version);
  const schema = schemaOf(fresh);
  fresh.close();
  expectedSchemas.set(version, schema);
  return schema;
}

function schemaOf(db: Database): Map<string, SchemaRow> {
  const rows = db
    .prepare<[], SchemaRow>("SELECT type, name, tbl_name AS 'table', sql FROM sqlite_schema ORDER BY name")
    .all();
  return new Map(rows.map((row) => [`${row.type} ${row.name}`, row]));
}

/** What a declaration says; SQLite quotes the name of a table that was renamed, as a rebuild does. */
function textOf({ type, table, sql }: SchemaRow): string {
  return `${type} ${table} ${sql?.replace(/^CREATE TABLE "(\w+)"\s*/, "CREATE TABLE $1 ")}`;
}
