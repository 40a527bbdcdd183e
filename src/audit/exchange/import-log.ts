import { z } from "zod";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { timeText } from "#base/time.ts";
import { SOURCES } from "#events/logged.ts";
import type { Database } from "#store/database.ts";
import { EntryWriter } from "../entry/entry.ts";
import { Frontier } from "../merkle/frontier.ts";
import { End, Stored } from "./stored.ts";

/** What an import needs of a line; what only people read is not looked at. */
const Line = z.object({
  seq: z.int().min(1),
  time: z.string(),
  type: z.string(),
  epoch: z.int().min(0),
  commandId: z.int().min(1),
  actor: z.string(),
  source: z.enum(SOURCES),
  reason: z.string().nullable().default(null),
  request: z
    .strictObject({ address: z.string(), id: z.string(), traceparent: z.string().nullable().default(null) })
    .nullable()
    .default(null),
  domid: z.int().nullable().default(null),
  agentId: z.int().nullable().default(null),
  program: z.string(),
  stored: Stored,
});
type Line = z.output<typeof Line>;

/** What an import came to. */
export interface ImportReport {
  readonly events: number;
  /** Root of the audit tree, hex: that of the log that was exported. */
  readonly root: string;
}

/**
 * Fills an empty log from the lines of a JSON Lines export: the same rows, and so the same root hash, which the export's last line
 * says. Nothing of it stays where anything is wrong.
 *
 * @param db the writer's connection of a log without events, outside any transaction
 * @param file what the lines are read from, for refusals
 */
export async function importLog(
  db: Database,
  file: string,
  lines: AsyncIterable<string>,
): Promise<ImportReport | Problem> {
  db.exec("BEGIN IMMEDIATE");
  const importer = new Importer(db, file);
  try {
    for await (const line of lines) {
      const fault = importer.take(line);
      if (fault !== null) return rollback(db, fault);
    }
    const report = importer.finish();
    if (isProblem(report)) return rollback(db, report);
    db.exec("COMMIT");
    return report;
  } catch (error) {
    if (db.inTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function rollback(db: Database, fault: Problem): Problem {
  db.exec("ROLLBACK");
  return fault;
}

class Importer {
  readonly #file: string;
  readonly #addProgram;
  readonly #program;
  readonly #addCommand;
  readonly #addEvent;
  readonly #addAnswer;
  readonly #entry = new EntryWriter();
  readonly #tree = new Frontier();
  #command: { readonly id: number; readonly lastSeq: number } = { id: 0, lastSeq: 0 };
  #line = 0;
  #end: End["end"] | null = null;

  constructor(db: Database, file: string) {
    this.#file = file;
    this.#addProgram = db.prepare<[string]>("INSERT OR IGNORE INTO programs (version) VALUES (?)");
    this.#program = db.prepare<[string], number>("SELECT id FROM programs WHERE version = ?").pluck();
    this.#addCommand = db.prepare(`
      INSERT INTO commands (id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program,
        address, request_id, traceparent, answer_hash)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#addEvent = db.prepare(`
      INSERT INTO events (seq, time, type, epoch, command_id, domid, agent, body, leaf) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#addAnswer = db.prepare(
      "INSERT INTO idempotency (actor, key, body_hash, command_id, status, answer) VALUES (?, ?, ?, ?, ?, ?)",
    );
  }

  /** Takes the next line. Returns what is wrong with it, or null. */
  take(text: string): Problem | null {
    this.#line += 1;
    if (text === "") return null;
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      return this.#wrong("it is no JSON: the file was cut off, or is no JSON Lines export");
    }
    if (this.#end !== null) return this.#wrong("it stands behind the end of the export");
    const end = End.safeParse(json);
    if (end.success) {
      this.#end = end.data.end;
      return null;
    }
    const line = Line.safeParse(json);
    if (!line.success) {
      const [issue] = line.error.issues;
      return this.#wrong(`${issue?.path.join(".")}: ${issue?.message}; is this an export of format jsonl?`);
    }
    return this.#add(line.data);
  }

  /** What it came to, once there are no more lines. */
  finish(): ImportReport | Problem {
    if (this.#end === null) return this.#wrong("the end is missing: the export was cut off");
    const { headSeq, root } = this.#end;
    const events = this.#tree.size;
    if (events === 0) return this.#wrong("it has no events");
    if (headSeq !== events) return this.#wrong(`its end speaks of ${headSeq} events, it has ${events}`);
    if (events !== this.#command.lastSeq) return this.#wrong("its last command is not whole");
    const made = Buffer.from(this.#tree.root()).toString("hex");
    return root !== null && root !== made
      ? this.#wrong(`its end says that the root is ${root}, its events have ${made}`)
      : { events, root: made };
  }

  #add(line: Line): Problem | null {
    const { seq, commandId, stored } = line;
    if (seq !== this.#tree.size + 1) {
      return this.#wrong(
        this.#tree.size === 0
          ? `it begins with event ${seq}: only a whole log can be imported`
          : `event ${seq} follows event ${this.#tree.size}`,
      );
    }
    if (line.time !== timeText(stored.timeUs)) return this.#wrong("time and stored.timeUs are not the same");
    const isNew = commandId !== this.#command.id;
    if (isNew && (commandId !== this.#command.id + 1 || this.#command.lastSeq !== seq - 1)) {
      return this.#wrong(`command ${commandId} begins before command ${this.#command.id} has ended`);
    }
    if (isNew !== (stored.command !== undefined)) {
      return this.#wrong("stored.command is for the first event of a command, and for no other");
    }
    this.#addProgram.run(line.program);
    if (stored.command !== undefined) {
      if (stored.command.firstSeq !== seq)
        return this.#wrong("stored.command.firstSeq is not the event's seq");
      this.#begin(line, stored.command);
    }
    const { timeUs } = stored;
    const body = Buffer.from(stored.body, "base64");
    const { type, epoch, domid, agentId: agent } = line;
    this.#entry.event({ seq, time: timeUs, epoch, type, domid, agent, body });
    const leaf = Buffer.from(this.#entry.leaf());
    this.#tree.append(leaf);
    this.#addEvent.run(seq, timeUs, type, epoch, commandId, domid, agent, body, leaf);
    return null;
  }

  #begin(line: Line, command: NonNullable<Stored["command"]>): void {
    const { commandId: id, actor, source, reason, request, program } = line;
    const { kind, input, firstSeq, lastSeq, ruleVersion, answer } = command;
    const digest = Buffer.from(command.digest, "hex");
    const answerHash = command.answerHash === undefined ? null : Buffer.from(command.answerHash, "hex");
    const { address = null, id: requestId = null, traceparent = null } = request ?? {};
    this.#entry.command(
      { kind, source, actor, reason, program, ruleVersion, address },
      { id, requestId, traceparent, firstSeq, lastSeq, digest, input, answerHash },
    );
    const by = [this.#program.get(program), address, requestId, traceparent, answerHash];
    this.#addCommand.run(
      id,
      kind,
      input,
      actor,
      source,
      reason,
      firstSeq,
      lastSeq,
      digest,
      ruleVersion,
      ...by,
    );
    if (answer !== undefined) {
      const { key, bodyHash, status } = answer;
      this.#addAnswer.run(actor, key, Buffer.from(bodyHash, "hex"), id, status, answer.answer);
    }
    this.#command = { id, lastSeq };
  }

  #wrong(why: string): Problem {
    return problem("import-invalid", { file: this.#file, line: this.#line, why });
  }
}
