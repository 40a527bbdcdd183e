import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";
import { type Problem, problem } from "#base/problem.ts";

/** The writer's lock on a log; the process's end frees it, however it comes. */
export interface WriterLock {
  release(): void;
}

/**
 * Takes the lock that makes a process the one writer of a log: an exclusive transaction, open for as long as the process lives,
 * on a database of its own beside the log. Its lock is the operating system's, which even kill -9 frees. Readers never see it.
 */
export function lockForWriting(file: string): WriterLock | Problem {
  let db: Database | undefined;
  try {
    mkdirSync(dirname(file), { recursive: true });
    db = new Sqlite(`${file}.lock`, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    const { code, message } = error as { code?: string; message: string };
    if (code === "SQLITE_BUSY") return problem("log-in-use", { file });
    return problem("file-unreadable", { file: `${file}.lock`, why: message });
  }
  const held = db;
  return {
    release() {
      held.close();
    },
  };
}
