import type { Database } from "#store/database.ts";

/** Between two checkpoints that are kept lie at least so many events; the newest is kept always. */
const APART_EVENTS = 16_384;

/** A checkpoint as it is stored. */
export interface StoredCheckpoint {
  readonly size: number;
  readonly note: string;
}

/** The signed checkpoints in the database. */
export class CheckpointRows {
  readonly #newest;
  readonly #all;
  readonly #add;
  readonly #drop;

  constructor(db: Database) {
    this.#newest = db.prepare<[number], StoredCheckpoint>(
      "SELECT size, note FROM audit_checkpoints ORDER BY size DESC LIMIT ?",
    );
    this.#all = db.prepare<[], StoredCheckpoint>("SELECT size, note FROM audit_checkpoints ORDER BY size");
    this.#add = db.prepare<[number, string]>(
      "INSERT OR REPLACE INTO audit_checkpoints (size, note) VALUES (?, ?)",
    );
    this.#drop = db.prepare<[number]>("DELETE FROM audit_checkpoints WHERE size = ?");
  }

  newest(): StoredCheckpoint | undefined {
    return this.#newest.get(1);
  }

  all(): StoredCheckpoint[] {
    return this.#all.all();
  }

  /** Keeps a checkpoint, and lets go of the one before it where the one before that is near; in the caller's transaction. */
  add({ size, note }: StoredCheckpoint): void {
    const [last, before] = this.#newest.all(2);
    if (last !== undefined && last.size - (before?.size ?? 0) < APART_EVENTS) this.#drop.run(last.size);
    this.#add.run(size, note);
  }
}
