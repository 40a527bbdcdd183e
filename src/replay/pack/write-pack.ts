import { isProblem, type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import { saveState } from "#machine/state/snapshot.ts";
import { type Database, openInMemory } from "#store/database.ts";
import { type CommandRow, LogReader } from "#store/log-reader.ts";
import { writeSnapshot } from "#store/snapshots.ts";
import { sha256 } from "../hash.ts";
import { checkDigest, rebuildTo } from "../rebuild.ts";
import { PACK_TABLE, PACK_VERSION } from "./read-pack.ts";

/** A part of a log as a file of its own. */
export interface Pack {
  /** Its first and last event: whole commands, so it may be more than was asked for. */
  readonly from: number;
  readonly to: number;
  /** The file: a log with the board's event, the state before `from`, and the events of the range under their own seqs. */
  readonly bytes: Uint8Array;
}

const EVENTS_AT_ONCE = 1000;

/**
 * Packs the events `from` to `to` of a log, rounded out to whole commands.
 *
 * @param program version of the program that packs
 * @returns `position-out-of-range`, `request-invalid` where `from` is behind `to`, or `log-damaged`
 */
export function packLog(db: Database, from: number, to: number, program: string): Pack | Problem {
  // One moment of a log that may be written meanwhile.
  db.exec("BEGIN");
  try {
    return packed(db, from, to, program);
  } finally {
    db.exec("COMMIT");
  }
}

function packed(db: Database, from: number, to: number, program: string): Pack | Problem {
  const reader = new LogReader(db);
  const headSeq = reader.headSeq();
  const outside = [from, to].find((seq) => seq < 1 || seq > headSeq);
  if (outside !== undefined) return problem("position-out-of-range", { position: outside, headSeq });
  if (from > to) {
    return problem("request-invalid", {
      issues: [`from: found ${from}, allowed are positions up to \`to\`, ${to}`],
    });
  }
  const damaged = (why: string): Problem => problem("log-damaged", { file: db.name, why });
  const commandAt = (seq: number) => reader.command(reader.row(seq)?.command_id ?? 0);
  const first = commandAt(from);
  const last = commandAt(to);
  if (first === undefined || last === undefined)
    return damaged(`the command of event ${from} or ${to} is missing`);
  const range = { from: first.firstSeq, to: last.lastSeq };

  const copy = openInMemory();
  try {
    copy.exec(PACK_TABLE);
    const target = new Rows(copy);
    copy.prepare("INSERT INTO pack VALUES (1, ?, ?, ?, ?)").run(PACK_VERSION, range.from, range.to, program);
    if (range.from > 1) {
      const fault = addStart(db, reader, first, target, copy);
      if (isProblem(fault)) return fault;
    }
    for (let id = first.id; id <= last.id; id += 1) {
      const command = reader.command(id);
      if (command === undefined) return damaged(`command ${id} is missing`);
      target.command(command);
    }
    for (let at = range.from; at <= range.to; at += EVENTS_AT_ONCE) {
      const end = Math.min(range.to, at + EVENTS_AT_ONCE - 1);
      const rows = reader.rows(at, end);
      if (rows.length !== end - at + 1) return damaged(`an event of ${at} to ${end} is missing`);
      for (const row of rows) target.event(row);
    }
    return { ...range, bytes: copy.serialize() };
  } finally {
    copy.close();
  }
}

/** The state before the range, the command that it came from, and the board that it is of. */
function addStart(
  db: Database,
  reader: LogReader,
  first: CommandRow,
  target: Rows,
  copy: Database,
): Problem | null {
  const seq = first.firstSeq - 1;
  const machine = new Machine(sha256);
  const fault = rebuildTo(machine, db, db.name, seq);
  if (fault !== null) return fault;
  const before = reader.command(first.id - 1);
  const configured = reader.row(machine.state.host.get(0)?.configuredSeq ?? 0);
  const configuring = configured && reader.command(configured.command_id);
  if (before?.lastSeq !== seq || configured === undefined || configuring === undefined) {
    return problem("log-damaged", {
      file: db.name,
      why: `the command before event ${first.firstSeq} is missing`,
    });
  }
  target.command(before);
  // Only the command before is in the copy yet: it is the one whose digest is looked at.
  const wrong = checkDigest(machine, copy, db.name);
  if (wrong !== null) return wrong;
  // A range may begin behind the very command that configured the host, or in front of a later one.
  if (configuring.id !== before.id) target.command(configuring);
  target.event(configured);
  writeSnapshot(copy, {
    seq,
    commandId: before.id,
    digest: machine.digest(),
    state: saveState(machine.state),
  });
  return null;
}

/** Rows as they were, into a new file. */
class Rows {
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

  event(row: object): void {
    this.#event.run(row);
  }
}
