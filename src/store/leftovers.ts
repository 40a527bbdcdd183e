import { statSync } from "node:fs";
import Sqlite, { type Database } from "better-sqlite3";

/**
 * Makes a reader leave nothing beside the log. SQLite reads a log through a WAL and its shared memory, which it makes where
 * nobody is writing, and a connection that cannot write leaves them behind: then a server of another user could not open them.
 * A reader who was killed has left them, too: the next one takes them away.
 *
 * @param open opens the log; called once
 */
export function withoutLeftovers(file: string, open: () => Database): Database {
  const wal = `${file}-wal`;
  const db = open();
  const close = db.close.bind(db);
  db.close = () => {
    close();
    if (statSync(wal, { throwIfNoEntry: false })?.size === 0) tidy(file);
    return db;
  };
  return db;
}

/** Whoever closes a log last, and can write, takes both files away: SQLite knows whether it is the last, and we do not. */
function tidy(file: string): void {
  try {
    const db = new Sqlite(file, { fileMustExist: true });
    db.pragma("schema_version");
    db.close();
  } catch {
    // A log that we may not write: the files stay.
  }
}
