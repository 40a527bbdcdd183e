import type { Database } from "better-sqlite3";

/** The machine's state after a command. */
export interface Snapshot {
  readonly seq: number;
  readonly commandId: number;
  readonly digest: Uint8Array;
  /** As the machine's `saveState` gave it. */
  readonly state: string;
}

/** Keeps a snapshot, inside the transaction of the caller. */
export function writeSnapshot(db: Database, { seq, commandId, digest, state }: Snapshot): void {
  db.prepare("INSERT OR REPLACE INTO snapshots (seq, command_id, digest, state) VALUES (?, ?, ?, ?)").run(
    seq,
    commandId,
    digest,
    state,
  );
}

/** The newest snapshot that is not behind `seq`, or undefined. */
export function snapshotBefore(db: Database, seq: number): Snapshot | undefined {
  return db
    .prepare<[number], Snapshot>(
      "SELECT seq, command_id AS commandId, digest, state FROM snapshots WHERE seq <= ? ORDER BY seq DESC LIMIT 1",
    )
    .get(seq);
}

/** Whether there is a snapshot behind `after` that is not behind `seq`. */
export function hasSnapshotBetween(db: Database, after: number, seq: number): boolean {
  return (
    db.prepare("SELECT 1 FROM snapshots WHERE seq > ? AND seq <= ? LIMIT 1").get(after, seq) !== undefined
  );
}

/** Seqs of the snapshots behind `seq`, ascending. */
export function snapshotSeqs(db: Database, seq: number): number[] {
  return db
    .prepare<[number], number>("SELECT seq FROM snapshots WHERE seq > ? ORDER BY seq")
    .pluck()
    .all(seq);
}
