import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Database } from "better-sqlite3";
import { type Problem, problem } from "#base/problem.ts";

/** `SCMI` in the header of the file (PRAGMA application_id). */
const APPLICATION_ID = 0x53434d49;

/** `migrations/` lies beside `src/` and beside `dist/`. */
const FOLDER = fileURLToPath(new URL("../../migrations/", import.meta.url));

interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** The migrations in order: `0001-log.sql` is version 1. */
function migrations(): readonly Migration[] {
  return readdirSync(FOLDER)
    .filter((name) => /^\d{4}-.*\.sql$/.test(name))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), sql: readFileSync(`${FOLDER}/${name}`, "utf8") }));
}

/** Version of the newest schema that this program knows. */
export function newestSchema(): number {
  return migrations().at(-1)?.version ?? 0;
}

/** What is wrong with a database as a log, or undefined: it is one, or it is empty and may become one. */
export function schemaProblem(db: Database, file: string): Problem | undefined {
  const id = db.pragma("application_id", { simple: true }) as number;
  const version = db.pragma("user_version", { simple: true }) as number;
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() as number;
  if (id !== APPLICATION_ID && (tables > 0 || db.readonly)) {
    return problem("log-not-a-log", {
      file,
      why: tables > 0 ? "it is another program's database" : "it is empty",
    });
  }
  const versionMax = newestSchema();
  if (version <= versionMax) return undefined;
  return problem("log-too-new", { file, version, versionMax });
}

/** Version of a log's schema. */
export function schemaVersion(db: Database): number {
  return db.pragma("user_version", { simple: true }) as number;
}

/** Brings the schema up to the newest version, or to one before it, each step in a transaction of its own. */
export function migrate(db: Database, upTo: number = Number.POSITIVE_INFINITY): void {
  const current = db.pragma("user_version", { simple: true }) as number;
  for (const { version, sql } of migrations()) {
    if (version <= current || version > upTo) continue;
    db.transaction(() => {
      db.exec(sql);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${version}`);
    }).immediate();
  }
}
