import { accessSync, constants, existsSync, readFileSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Sqlite, { type Database } from "better-sqlite3";

/** Where a database's header says how it is journaled, to readers and to writers: 1 by rollback, 2 by a WAL. */
const JOURNAL_BYTES = [18, 19] as const;
const ROLLBACK = 1;

/**
 * Whether a log lies where SQLite could not even read it: a WAL needs its shared memory, a file beside it, and neither is it
 * there nor can it be made. So it is for a reader who may not write, on a mount or in a folder that is read-only.
 */
export function isFrozen(file: string): boolean {
  if (existsSync(`${file}-shm`)) return false;
  try {
    accessSync(dirname(file), constants.W_OK);
    return false;
  } catch {
    // A WAL with something in it would be half of the log: that is for SQLite to refuse.
    return !existsSync(`${file}-wal`) || statSync(`${file}-wal`).size === 0;
  }
}

/** A copy in memory of a log that nobody can be writing. */
export function openFrozenCopy(file: string): Database {
  const bytes = readFileSync(file);
  for (const at of JOURNAL_BYTES) if (bytes.length > at) bytes[at] = ROLLBACK;
  return new Sqlite(bytes, { readonly: true });
}
