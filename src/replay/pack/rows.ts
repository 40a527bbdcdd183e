import type { Database } from "#store/database.ts";
import type { CommandRow, EventRow } from "#store/log-reader.ts";

/** Rows as they are given, into a new file. */
export class Rows {
  readonly #program;
  readonly #command;
  readonly #event;

  constructor(db: Database) {
    this.#program = db.prepare("INSERT OR IGNORE INTO programs (version) VALUES (?)");
    this.#command = db.prepare(`
      INSERT INTO commands (id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program,
        address, request_id, traceparent, answer_hash)
      VALUES (@id, @kind, @input, @actor, @source, @reason, @firstSeq, @lastSeq, @digest, @ruleVersion,
        (SELECT id FROM programs WHERE version = @program), @address, @requestId, @traceparent, @answerHash)
    `);
    this.#event = db.prepare(`
      INSERT INTO events (seq, time, type, epoch, command_id, domid, agent, body)
      VALUES (@seq, @time, @type, @epoch, @command_id, @domid, @agent, @body)
    `);
  }

  command(row: CommandRow): void {
    this.#program.run(row.program);
    this.#command.run(row);
  }

  event(row: EventRow): void {
    this.#event.run(row);
  }
}
