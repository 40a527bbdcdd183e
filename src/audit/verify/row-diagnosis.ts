import type { Database } from "#store/database.ts";
import { EntryRows } from "../entry/entry-rows.ts";
import { HASH_BYTES } from "../merkle/hash.ts";
import type { RowPlace } from "./event-rows.ts";
import type { Faults } from "./faults.ts";

interface Row {
  readonly seq: number;
  readonly commandId: number;
  readonly firstSeq: number | null;
  readonly lastSeq: number | null;
  readonly version: string | null;
}

/** The slow way to the leaves of a run of events whose rows are odd: says of each what is odd about it. */
export class RowDiagnosis {
  readonly #rows;
  readonly #entries: EntryRows;
  readonly #faults: Faults;

  constructor(db: Database, faults: Faults) {
    this.#faults = faults;
    this.#entries = new EntryRows(db);
    this.#rows = db.prepare<[number, number], Row>(`
      SELECT e.seq, e.command_id AS commandId, c.first_seq AS firstSeq, c.last_seq AS lastSeq, p.version
      FROM events AS e LEFT JOIN commands AS c ON c.id = e.command_id LEFT JOIN programs AS p ON p.id = c.program
      WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq
    `);
  }

  /**
   * @returns the leaves, zeros where an event is missing, and where to go on
   */
  leaves(start: RowPlace, to: number): { readonly leaves: Buffer; readonly end: RowPlace } {
    const leaves = Buffer.alloc((to - start.seq) * HASH_BYTES);
    const found = this.#rows.all(start.seq + 1, to);
    const made = this.#entries.leaves(start.seq + 1, to);
    let { seq: last, commandId, lastSeq } = start;
    for (const [i, row] of found.entries()) {
      this.#missing(last + 1, row.seq - 1);
      made.copy(leaves, (row.seq - start.seq - 1) * HASH_BYTES, i * HASH_BYTES, (i + 1) * HASH_BYTES);
      this.#judge(row, commandId, lastSeq);
      last = row.seq;
      commandId = row.commandId;
      lastSeq = row.lastSeq ?? row.seq;
    }
    this.#missing(last + 1, to);
    return { leaves, end: { seq: to, commandId, lastSeq: Math.max(lastSeq, to) } };
  }

  #missing(from: number, to: number): void {
    if (from > to) return;
    const which = from === to ? `event ${from} is` : `events ${from} to ${to} are`;
    this.#faults.add("events", from, `${which} missing`);
  }

  #judge({ seq, commandId, firstSeq, lastSeq, version }: Row, before: number, lastOfBefore: number): void {
    const fault = (detail: string): void => this.#faults.add("commands", seq, detail);
    if (firstSeq === null || lastSeq === null) fault(`command ${commandId} of event ${seq} is missing`);
    else if (seq < firstSeq || seq > lastSeq) {
      fault(`event ${seq} names command ${commandId}, which has the events ${firstSeq} to ${lastSeq}`);
    } else if (version === null) fault(`the program that decided command ${commandId} is missing`);
    else if (commandId === before ? seq > lastOfBefore : commandId !== before + 1 || seq !== firstSeq) {
      fault(
        `event ${seq} of command ${commandId} follows one of command ${before}, which ends with ${lastOfBefore}`,
      );
    }
  }
}
