import type { Database } from "better-sqlite3";
import { encodeBody } from "#events/body.ts";
import type { Envelope } from "#events/logged.ts";
import type { MachineEvent } from "#events/types.ts";

/** One command as it goes into the log, with its events. */
export interface CommandRecord {
  readonly envelope: Envelope;
  readonly kind: string;
  /** Canonical JSON, or null where the events hold all of it. */
  readonly input: string | null;
  readonly events: readonly MachineEvent[];
  /** State digest after the command. */
  readonly digest: Uint8Array;
  readonly ruleVersion: number;
  /** Hash of the answer that is kept for the command's Idempotency-Key; left out where it has none. */
  readonly answerHash?: Uint8Array;
}

/** Gives the leaf that the audit tree has for each event, 32 bytes, which may be overwritten by the next. */
export interface LeafMaker {
  /** Begins the events of a command. */
  command(record: CommandRecord): void;
  /** @param body as it is stored */
  leaf(event: MachineEvent, body: Uint8Array): Uint8Array;
}

/** Appends commands to the log, inside the transaction of the caller. Statements are prepared once. */
export class LogWriter {
  readonly #leaves: LeafMaker | null;
  readonly #programs = new Map<string, number>();
  readonly #findProgram;
  readonly #addProgram;
  readonly #addCommand;
  readonly #addEvent;

  /** @param leaves left out, events are stored without their leaves */
  constructor(db: Database, leaves: LeafMaker | null = null) {
    this.#leaves = leaves;
    this.#findProgram = db.prepare<[string], number>("SELECT id FROM programs WHERE version = ?").pluck();
    this.#addProgram = db.prepare<[string]>("INSERT INTO programs (version) VALUES (?)");
    this.#addCommand = db.prepare(`
      INSERT INTO commands (id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program,
        address, request_id, traceparent, answer_hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#addEvent = db.prepare(`
      INSERT INTO events (seq, time, type, epoch, command_id, domid, agent, body, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
  }

  append(command: CommandRecord): void {
    const { events } = command;
    const { timeUs, commandId, actor, source, reason, request, program } = command.envelope;
    const first = events[0]?.seq as number;
    const last = events.at(-1)?.seq as number;
    this.#addCommand.run(
      commandId,
      command.kind,
      command.input,
      actor,
      source,
      reason,
      first,
      last,
      command.digest,
      command.ruleVersion,
      this.#program(program),
      request?.address ?? null,
      request?.id ?? null,
      request?.traceparent ?? null,
      command.answerHash ?? null,
    );
    this.#leaves?.command(command);
    for (const event of events) {
      const body = encodeBody(event);
      const { seq, type, epoch, domid, agentId } = event;
      const leaf = this.#leaves?.leaf(event, body) ?? null;
      this.#addEvent.run(seq, timeUs, type, epoch, commandId, domid, agentId, body, leaf);
    }
  }

  /** A transaction was taken back: a program's row may have gone with it. */
  forget(): void {
    this.#programs.clear();
  }

  #program(version: string): number {
    const known = this.#programs.get(version) ?? this.#findProgram.get(version);
    const id = known ?? Number(this.#addProgram.run(version).lastInsertRowid);
    this.#programs.set(version, id);
    return id;
  }
}
