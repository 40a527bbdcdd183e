import { hash } from "node:crypto";
import { HASH_BYTES, hashInto } from "../merkle/hash.ts";
import { ENTRY_BYTES_MAX } from "../tiles/bundle.ts";
import { type Value, ValueWriter } from "./values.ts";

/**
 * The entry of an event in the audit log: what is hashed for it. A label, then the values below, in this order. docs/auditing.md
 * tells it to those who hash it themselves; it never changes, or the label does.
 */
const LABEL = Buffer.from("scmi-event/v1\n");

/** What many commands have in common. */
export interface EntryContext {
  readonly kind: string;
  readonly source: string;
  readonly actor: string;
  readonly reason: string | null;
  /** Version of the program that decided. */
  readonly program: string;
  readonly ruleVersion: number;
  readonly address: string | null;
}

/** What the events of a command have in common beside. */
export interface EntryCommand {
  readonly id: number;
  readonly requestId: string | null;
  readonly traceparent: string | null;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly digest: Uint8Array;
  readonly input: string | null;
  readonly answerHash: Uint8Array | null;
}

/** What an event is of, which it mostly shares with the one before it. */
interface EntrySubject {
  readonly epoch: number;
  readonly type: string;
  readonly domid: number | null;
  readonly agent: number | null;
}

/** What is an event's own. */
export interface EntryEvent extends EntrySubject {
  readonly seq: number;
  readonly time: number;
  readonly body: Uint8Array;
}

/** The leaf's prefix of RFC 6962 stands before the entry, so that both are hashed as they lie. */
const ENTRY_AT = 1;

/**
 * Makes entries and their leaf hashes. What an event shares with the one before it is not written again: a commit has hundreds
 * of them.
 */
export class EntryWriter {
  readonly #values = new ValueWriter(ENTRY_AT + ENTRY_BYTES_MAX);
  readonly #leaf = Buffer.alloc(HASH_BYTES);
  #context: EntryContext | null = null;
  #contextEnd = 0;
  #commandEnd = 0;
  #subject: EntrySubject | null = null;
  /** Its values as they are written. */
  #subjectBytes = new Uint8Array(0);

  constructor() {
    this.#values.at = ENTRY_AT;
    this.#values.raw(LABEL);
  }

  /** Begins the events of a command. */
  command(context: EntryContext, command: EntryCommand): void {
    const values = this.#values;
    if (this.#context === null || !isSame(this.#context, context)) {
      values.at = ENTRY_AT + LABEL.length;
      values.text(context.kind);
      values.text(context.source);
      values.text(context.actor);
      values.text(context.reason);
      values.text(context.program);
      values.integer(context.ruleVersion);
      values.text(context.address);
      this.#contextEnd = values.at;
      this.#context = context;
    }
    values.at = this.#contextEnd;
    values.integer(command.id);
    values.text(command.requestId);
    values.text(command.traceparent);
    values.integer(command.firstSeq);
    values.integer(command.lastSeq);
    values.bytes(command.digest);
    values.text(command.input);
    values.bytes(command.answerHash);
    this.#commandEnd = values.at;
  }

  /** Takes an event of the command begun last. */
  event(event: EntryEvent): void {
    const values = this.#values;
    values.at = this.#commandEnd;
    values.integer(event.seq);
    values.integer(event.time);
    if (this.#subject !== null && isSameSubject(this.#subject, event)) values.raw(this.#subjectBytes);
    else this.#writeSubject(event);
    values.bytes(event.body);
  }

  #writeSubject({ epoch, type, domid, agent }: EntryEvent): void {
    const values = this.#values;
    const begin = values.at;
    values.integer(epoch);
    values.text(type);
    values.integer(domid);
    values.integer(agent);
    this.#subject = { epoch, type, domid, agent };
    this.#subjectBytes = values.written(begin).slice();
  }

  /** Takes a row of the file, all values of the entry in their order, whatever they are. */
  row(cells: readonly Value[]): void {
    this.#context = null;
    this.#values.at = ENTRY_AT + LABEL.length;
    for (const cell of cells) this.#values.value(cell);
  }

  /** The entry of the event taken last; overwritten by the next one. */
  entry(): Uint8Array {
    return this.#values.written(ENTRY_AT);
  }

  /** The leaf hash of the event taken last; overwritten by the next one. */
  leaf(): Uint8Array {
    this.leafInto(this.#leaf, 0);
    return this.#leaf;
  }

  leafInto(out: Buffer, at: number): void {
    hashInto(this.#values.written(), out, at);
  }
}

function isSame(a: EntryContext, b: EntryContext): boolean {
  return (
    a.kind === b.kind &&
    a.source === b.source &&
    a.actor === b.actor &&
    a.reason === b.reason &&
    a.program === b.program &&
    a.ruleVersion === b.ruleVersion &&
    a.address === b.address
  );
}

function isSameSubject(a: EntrySubject, b: EntrySubject): boolean {
  return a.epoch === b.epoch && a.type === b.type && a.domid === b.domid && a.agent === b.agent;
}

/** An answer that is kept for an Idempotency-Key. */
export interface KeptAnswer {
  readonly actor: string;
  readonly key: string;
  readonly bodyHash: Uint8Array;
  readonly status: number;
  readonly answer: string;
}

const ANSWER_BYTES_MAX = ENTRY_BYTES_MAX;
const answerWriter = new ValueWriter(ANSWER_BYTES_MAX);

/** The hash that a command keeps of the answer it was given: SHA-256 of actor, key, body hash, status and answer as values. */
export function answerHash({ actor, key, bodyHash, status, answer }: KeptAnswer): Uint8Array {
  answerWriter.at = 0;
  for (const value of [actor, key, bodyHash, status, answer]) answerWriter.value(value);
  return hash("sha256", answerWriter.written(), "buffer");
}
