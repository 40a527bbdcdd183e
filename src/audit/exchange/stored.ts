import { z } from "zod";
import type { Database } from "#store/database.ts";
import type { CommandRow, EventRow } from "#store/log-reader.ts";

const hex = z.string().regex(/^([0-9a-f]{2})*$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const base64 = z.base64();
const seq = z.int().min(1);

/** An answer that was kept for an Idempotency-Key, as a JSON Lines export has it. */
const KeptAnswer = z.strictObject({
  key: z.string(),
  bodyHash: hex,
  status: z.int(),
  answer: z.string(),
});

/** A command as the first of its events brings it along. */
const StoredCommand = z.strictObject({
  kind: z.string(),
  input: z.string().nullable(),
  firstSeq: seq,
  lastSeq: seq,
  digest: sha256,
  ruleVersion: z.int(),
  answerHash: sha256.exactOptional(),
  answer: KeptAnswer.exactOptional(),
});

/** What an export has of an event beside what everybody reads: with it the log can be made again, byte for byte. */
export const Stored = z.strictObject({
  /** UTC, microseconds since 1970. */
  timeUs: z.int(),
  /** The event's packed body. */
  body: base64,
  command: StoredCommand.exactOptional(),
});
export type Stored = z.output<typeof Stored>;

/** The last line of a JSON Lines export: how far it goes, and the root of the audit tree there. */
export const End = z.strictObject({
  end: z.strictObject({
    headSeq: z.int().min(0),
    /** Null: the log is from before there was a tree. */
    root: sha256.nullable(),
  }),
});
export type End = z.output<typeof End>;

/** Reads what exports have of the commands. */
export class StoredCommands {
  readonly #answer;

  constructor(db: Database) {
    this.#answer = db.prepare<[number], { key: string; bodyHash: Buffer; status: number; answer: string }>(
      "SELECT key, body_hash AS bodyHash, status, answer FROM idempotency WHERE command_id = ?",
    );
  }

  /** An event's row as it is stored; its command with it where it is the first of it. */
  of(row: EventRow, command: CommandRow): Stored {
    const body = Buffer.from(row.body).toString("base64");
    if (row.seq !== command.firstSeq) return { timeUs: row.time, body };
    const { kind, input, firstSeq, lastSeq, digest, ruleVersion, answerHash } = command;
    const kept = answerHash === null ? undefined : this.#answer.get(command.id);
    return {
      timeUs: row.time,
      body,
      command: {
        kind,
        input,
        firstSeq,
        lastSeq,
        digest: hexOf(digest),
        ruleVersion,
        ...(answerHash === null ? {} : { answerHash: hexOf(answerHash) }),
        ...(kept === undefined ? {} : { answer: { ...kept, bodyHash: kept.bodyHash.toString("hex") } }),
      },
    };
  }
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
