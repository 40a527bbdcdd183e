import type { Database } from "#store/database.ts";
import { HASH_BYTES } from "../merkle/hash.ts";
import { EntryWriter } from "./entry.ts";
import type { Value } from "./values.ts";

/** The values of entries, in the order in which they are hashed. */
const ENTRY_ROWS = `
  SELECT
    c.kind, c.source, c.actor, c.reason, p.version, c.rule_version, c.address,
    c.id, c.request_id, c.traceparent, c.first_seq, c.last_seq, c.digest, c.input, c.answer_hash,
    e.seq, e.time, e.epoch, e.type, e.domid, e.agent, e.body
  FROM events AS e LEFT JOIN commands AS c ON c.id = e.command_id LEFT JOIN programs AS p ON p.id = c.program
  WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`;

/** Entries of events, made from what lies in the file now. */
export class EntryRows {
  readonly #select;
  readonly #writer = new EntryWriter();

  constructor(db: Database) {
    this.#select = db.prepare<[number, number], Value[]>(ENTRY_ROWS).raw();
  }

  /** Entries of the events from one seq to another, both with it; fewer where rows are missing. */
  entries(from: number, to: number): Uint8Array[] {
    return this.#select.all(from, to).map((row) => {
      this.#writer.row(row);
      return Uint8Array.from(this.#writer.entry());
    });
  }

  /** Leaf hashes of the same, one behind the other. */
  leaves(from: number, to: number): Buffer {
    const rows = this.#select.all(from, to);
    const leaves = Buffer.allocUnsafe(rows.length * HASH_BYTES);
    for (const [i, row] of rows.entries()) {
      this.#writer.row(row);
      this.#writer.leafInto(leaves, i * HASH_BYTES);
    }
    return leaves;
  }
}
