import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { type Problem, problem } from "#base/problem.ts";
import { damageOf } from "./damage.ts";
import { isFrozen, openFrozenCopy } from "./frozen-copy.ts";
import { withoutLeftovers } from "./leftovers.ts";
import { migrate, schemaProblem } from "./migrations.ts";
import { packProblem, wholeLogProblem } from "./packs.ts";
import { layOutWal } from "./write-ahead.ts";

export type { Database, Statement } from "better-sqlite3";

/** Why nobody writes a pack. */
const GOING_ON = "it is for reading, and going on with it would make another history";

/** Opens a log to write, making it (and its folder) where there is none. The caller holds the writer's lock. */
export function openForWriting(file: string): Database | Problem {
  return opened(file, () => {
    mkdirSync(dirname(file), { recursive: true });
    const db = new Sqlite(file);
    const refusal = schemaProblem(db, file) ?? wholeLogProblem(db, file, GOING_ON);
    if (refusal !== undefined) {
      db.close();
      return refusal;
    }
    db.pragma("journal_mode = WAL");
    // better-sqlite3 is built with NORMAL for WAL, where a power cut loses acknowledged commits.
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = OFF");
    db.pragma("cache_size = -16384");
    migrate(db);
    layOutWal(db);
    return db;
  });
}

/** Opens a log to read, beside a live writer or not; the file is never changed. */
export function openForReading(file: string): Database | Problem {
  if (!existsSync(file)) return problem("log-not-found", { file });
  return opened(file, () => {
    const db = isFrozen(file)
      ? openFrozenCopy(file)
      : withoutLeftovers(file, () => new Sqlite(file, { readonly: true, fileMustExist: true }));
    db.pragma("query_only = ON");
    const refusal = schemaProblem(db, file) ?? packProblem(db, file);
    if (refusal !== undefined) db.close();
    return refusal ?? db;
  });
}

/**
 * A log in memory, for simulations, comparisons and tests.
 *
 * @param version of its schema; the newest when left out
 */
export function openInMemory(version?: number): Database {
  const db = new Sqlite(":memory:");
  migrate(db, version);
  return db;
}

/** As {@link openInMemory}, for what may be as long as a log: what the cache cannot hold goes into a file that nobody sees. */
export function openTemporary(): Database {
  // SQLite's name for a database of its own that is gone when it is closed.
  const db = new Sqlite("");
  db.pragma("journal_mode = OFF");
  db.pragma("cache_size = -32768");
  migrate(db);
  return db;
}

function opened(file: string, open: () => Database | Problem): Database | Problem {
  try {
    return open();
  } catch (error) {
    const damage = damageOf(error, file);
    if (damage !== undefined) return damage;
    const { code, message } = error as { code?: string; message: string };
    if (code !== undefined) return problem("file-unreadable", { file, why: message });
    throw error;
  }
}
