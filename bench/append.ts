import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { forwardedSmc, inFolder, openExample, REQUESTER } from "./host.ts";
import { inTurns, rate, report } from "./turns.ts";

const WANTED = new Map([
  [1, 0.8],
  [16, 0.4],
  [64, 0.25],
  [256, 0.18],
]);
const WAL_FRAME_BYTES = 4120;

/**
 * Full commands (decide, evolve, digest, event, command, projections) in transactions of n, beside what disk and SQLite allow:
 * bound(n) = n / (1/D + n/C), with D one WAL frame written and synced, and C the bare insert of the same row in memory.
 */
export async function benchAppend(): Promise<void> {
  await inFolder(async (folder) => {
    const control = await openExample(join(folder, "append.db"));
    const sync = syncedWrites(join(folder, "disk"));
    const insert = bareInserts();
    const command = forwardedSmc(1);
    const submitted = (n: number) => async () => {
      await Promise.all(Array.from({ length: n }, () => control.submit(command, REQUESTER)));
      return n;
    };
    for (const [n, wanted] of WANTED) {
      const rates = await inTurns([
        { name: "disk", turn: sync.turn },
        { name: "memory", turn: insert },
        { name: "control", turn: submitted(n) },
      ]);
      const disk = rates.get("disk") ?? 1;
      const memory = rates.get("memory") ?? 1;
      const bound = n / (1 / disk + n / memory);
      const ours = rates.get("control") ?? 0;
      report(
        `append, ${n} a transaction, of bound`,
        ours / bound,
        `≥ ${wanted}`,
        `${rate(ours)} of ${rate(bound)} (D ${rate(disk)}, C ${rate(memory)})`,
      );
    }
    sync.close();
    await control.close();
  });
}

function syncedWrites(file: string) {
  const fd = openSync(file, "w");
  const frame = Buffer.alloc(WAL_FRAME_BYTES, 1);
  writeSync(fd, Buffer.alloc(WAL_FRAME_BYTES * 64));
  let at = 0;
  return {
    turn: () => {
      writeSync(fd, frame, 0, WAL_FRAME_BYTES, WAL_FRAME_BYTES * at);
      fdatasyncSync(fd);
      at = (at + 1) % 64;
      return 1;
    },
    close: () => closeSync(fd),
  };
}

function bareInserts() {
  const db = new Sqlite(":memory:");
  db.exec(
    "CREATE TABLE events (seq INTEGER PRIMARY KEY, time INTEGER, type TEXT, epoch INTEGER, command_id INTEGER, domid INTEGER, agent INTEGER, body BLOB) STRICT",
  );
  const insert = db.prepare("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const body = Buffer.alloc(130, 7);
  let seq = 0;
  const thousand = db.transaction(() => {
    for (let i = 0; i < 1000; i += 1) {
      seq += 1;
      insert.run(seq, 1_700_000_000_000_000 + seq, "smc.forwarded", 1, seq, 1, 2, body);
    }
  });
  return () => {
    if (seq >= 200_000) {
      db.exec("DELETE FROM events");
      seq = 0;
    }
    thousand();
    return 1000;
  };
}
