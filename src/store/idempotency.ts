import type { Database } from "better-sqlite3";

/** An answer that was given under an Idempotency-Key. */
export interface StoredAnswer {
  readonly bodyHash: Uint8Array;
  readonly status: number;
  /** The body of the answer, JSON. */
  readonly answer: string;
}

/** The answers given under Idempotency-Keys; a key belongs to its actor. */
export class IdempotencyStore {
  readonly #find;
  readonly #add;

  constructor(db: Database) {
    this.#find = db.prepare<[string, string], StoredAnswer>(
      "SELECT body_hash AS bodyHash, status, answer FROM idempotency WHERE actor = ? AND key = ?",
    );
    this.#add = db.prepare(
      "INSERT INTO idempotency (actor, key, body_hash, command_id, status, answer) VALUES (?, ?, ?, ?, ?, ?)",
    );
  }

  find(actor: string, key: string): StoredAnswer | undefined {
    return this.#find.get(actor, key);
  }

  add(actor: string, key: string, commandId: number | null, stored: StoredAnswer): void {
    this.#add.run(actor, key, stored.bodyHash, commandId, stored.status, stored.answer);
  }
}
