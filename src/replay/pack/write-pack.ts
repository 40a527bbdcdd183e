import { isProblem, type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import { saveState } from "#machine/state/snapshot.ts";
import { type Database, openInMemory } from "#store/database.ts";
import { type CommandRow, LogReader } from "#store/log-reader.ts";
import { declarePack } from "#store/packs.ts";
import { writeSnapshot } from "#store/snapshots.ts";
import { sha256 } from "../hash.ts";
import { checkDigest, rebuildTo } from "../rebuild.ts";
import { commandsOfRange, withoutHost } from "./range.ts";
import { Rows } from "./rows.ts";

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
  const commands = commandsOfRange(db, from, to);
  if (isProblem(commands)) return commands;
  const { first, last } = commands;
  const range = { from: first.firstSeq, to: last.lastSeq };
  const damaged = (why: string): Problem => problem("log-damaged", { file: db.name, why });

  const copy = openInMemory();
  try {
    const target = new Rows(copy);
    declarePack(copy, range, program);
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
  const configuredSeq = machine.state.host.get(0)?.configuredSeq;
  if (configuredSeq === undefined) return withoutHost(first.firstSeq);
  const before = reader.command(first.id - 1);
  const configured = reader.row(configuredSeq);
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
