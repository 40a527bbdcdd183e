import { closeSync, fsyncSync, openSync, statSync, writeSync } from "node:fs";
import type { Database } from "better-sqlite3";

/** Frames after which the WAL is copied into the database, and written from its start again. */
const CHECKPOINT_FRAMES = 512;
/** A page of 4,096 bytes and its head. */
const FRAME_BYTES = 4120;
const HEADER_BYTES = 32;

/**
 * Makes commits as cheap as they will ever be from the first one on. A WAL that grows costs a change of the file's size with every
 * commit, which the file system has to make durable too; one that is written over costs its bytes alone, several times less. So
 * it is emptied, and laid out with zeros as far as it will grow: SQLite takes a WAL that begins with zeros for an empty one.
 *
 * Only for the one writer, before its first transaction.
 */
export function layOutWal(db: Database): void {
  db.pragma(`wal_autocheckpoint = ${CHECKPOINT_FRAMES}`);
  db.pragma("wal_checkpoint(TRUNCATE)");
  const wal = `${db.name}-wal`;
  // Not emptied: a reader is in the middle of it. It was long enough for the writer before, then.
  if (statSync(wal, { throwIfNoEntry: false })?.size !== 0) return;
  const fd = openSync(wal, "r+");
  try {
    writeSync(fd, new Uint8Array(HEADER_BYTES + CHECKPOINT_FRAMES * FRAME_BYTES), 0, null, 0);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
