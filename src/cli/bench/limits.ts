import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { openInMemory } from "#store/database.ts";
import type { Runner } from "./turns.ts";

const WAL_FRAME_BYTES = 4120;
const FRAMES = 64;
const ROWS_AT_ONCE = 1000;
const ROWS_MAX = 200_000;
const BODY_BYTES = 130;

/** What no log on this disk can be faster than: D, one WAL frame written over and synced. Units are writes. */
export function syncedWrites(file: string): Runner & { close(): void } {
  const fd = openSync(file, "w");
  const frame = Buffer.alloc(WAL_FRAME_BYTES, 1);
  writeSync(fd, Buffer.alloc(WAL_FRAME_BYTES * FRAMES));
  let at = 0;
  return {
    name: "disk",
    turn: () => {
      writeSync(fd, frame, 0, WAL_FRAME_BYTES, WAL_FRAME_BYTES * at);
      fdatasyncSync(fd);
      at = (at + 1) % FRAMES;
      return 1;
    },
    close: () => closeSync(fd),
  };
}

/** What no log in SQLite can be faster than: C, the bare insert of an event's row in memory. Units are rows. */
export function bareInserts(): Runner & { close(): void } {
  const db = openInMemory();
  db.exec(
    "CREATE TABLE bare (seq INTEGER PRIMARY KEY, time INTEGER, type TEXT, epoch INTEGER, command_id INTEGER, domid INTEGER, agent INTEGER, body BLOB) STRICT",
  );
  const insert = db.prepare("INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const body = Buffer.alloc(BODY_BYTES, 7);
  let seq = 0;
  const insertMany = db.transaction(() => {
    for (let i = 0; i < ROWS_AT_ONCE; i += 1) {
      seq += 1;
      insert.run(seq, 1_700_000_000_000_000 + seq, "smc.forwarded", 1, seq, 1, 2, body);
    }
  });
  return {
    name: "memory",
    turn: () => {
      if (seq >= ROWS_MAX) {
        db.exec("DELETE FROM bare");
        seq = 0;
      }
      insertMany();
      return ROWS_AT_ONCE;
    },
    close: () => db.close(),
  };
}

/** Rows a second that disk and memory allow in transactions of `n`: each waits once for the disk. */
export function boundOf(n: number, diskWrites: number, memoryRows: number): number {
  return n / (1 / diskWrites + n / memoryRows);
}
