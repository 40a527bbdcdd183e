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
}

/** An event's stored body, for those who hash or compare it. */
export interface StoredBody {
  readonly seq: number;
  readonly body: Uint8Array;
}

/** Appends commands to the log, inside the transaction of the caller. Statements are prepared once. */
export class LogWriter {
  readonly #programs = new Map<string, number>();
  readonly #findProgram;
  readonly #addProgram;
  readonly #addCommand;
  readonly #addEvent;

  constructor(db: Database) {
    this.#findProgram = db.prepare<[string], number>("SELECT id FROM programs WHERE version = ?").pluck();
    this.#addProgram = db.prepare<[string]>("INSERT INTO programs (version) VALUES (?)");
    this.#addCommand = db.prepare(`
      INSERT INTO commands (id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program,
        address, request_id, traceparent)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#addEvent = db.prepare(`
      INSERT INTO events (seq, time, type, epoch, command_id, domid, agent, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    `);
  }

  /** @returns the bodies as stored, in order: what the audit log will hash */
  append(command: CommandRecord): StoredBody[] {
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
    );
    return events.map((event) => {
      const body = encodeBody(event);
      const { seq, type, epoch, domid, agentId } = event;
      this.#addEvent.run(seq, timeUs, type, epoch, commandId, domid, agentId, body);
      return { seq, body };
    });
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
