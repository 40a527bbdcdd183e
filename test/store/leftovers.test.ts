import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openForReading, openForWriting } from "#store/database.ts";
import { scratchFolder } from "../support/scmictl.ts";

const scratch = scratchFolder();
afterAll(() => scratch.remove());

const LOG = join(scratch.path, "a.db");

function opened(db: Database | object): Database {
  if ("code" in db) throw new Error(String(db.code));
  return db as Database;
}

beforeAll(() => void opened(openForWriting(LOG)).close());

/** A log beside which a reader was killed: with the files that SQLite had made for it. */
function killed(name: string): string {
  const file = join(scratch.path, name);
  cpSync(LOG, `${file}-before`);
  const reader = new Sqlite(`${file}-before`, { readonly: true });
  reader.prepare("SELECT * FROM sqlite_schema").all();
  for (const end of ["", "-wal", "-shm"]) cpSync(`${file}-before${end}`, `${file}${end}`);
  reader.close();
  return file;
}

function beside(file: string): string[] {
  const name = file.slice(scratch.path.length + 1);
  return readdirSync(scratch.path).filter((each) => each.startsWith(`${name}-`) && !each.includes("before"));
}

test("what a reader that was killed left beside a log, the next one takes away", () => {
  const file = killed("b.db");
  expect(beside(file)).toEqual(["b.db-shm", "b.db-wal"]);
  opened(openForReading(file)).close();
  expect(beside(file)).toEqual([]);
});

test("but nothing of a writer's, whose log has nothing in its WAL yet", () => {
  const file = killed("c.db");
  const writer = opened(openForWriting(file));
  const before = beside(file);
  opened(openForReading(file)).close();
  expect(beside(file)).toEqual(before);
  writer.exec("CREATE TABLE still_written (id INTEGER)");
  writer.close();
  expect(opened(openForReading(file)).prepare("SELECT * FROM still_written").all()).toEqual([]);
});
