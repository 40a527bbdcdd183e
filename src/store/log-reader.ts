import type { Database } from "better-sqlite3";
import { type Body, type BodyFault, decodeBody, isBodyFault, readBody } from "#events/body.ts";
import { type Envelope, type LoggedEvent, loggedEvent, type Source } from "#events/logged.ts";
import type { MachineEvent } from "#events/types.ts";
import { ColumnReader, type Columns, type RowOf } from "./column-reader.ts";

/** An event row as it lies in the file, nothing decoded. */
export interface EventRow {
  readonly seq: number;
  readonly time: number;
  readonly type: string;
  readonly epoch: number;
  readonly command_id: number;
  readonly domid: number | null;
  readonly agent: number | null;
  readonly body: Uint8Array;
}

/** A command row as it lies in the file. */
export interface CommandRow {
  readonly id: number;
  readonly kind: string;
  readonly input: string | null;
  readonly actor: string;
  readonly source: Source;
  readonly reason: string | null;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly digest: Uint8Array;
  readonly ruleVersion: number;
  readonly program: string;
  readonly address: string | null;
  readonly requestId: string | null;
  readonly traceparent: string | null;
  /** Hash of the answer that was kept for its Idempotency-Key, or null. */
  readonly answerHash: Uint8Array | null;
}

/** What verify looks at of commands. */
export type CommandColumns = Columns<{
  id: number;
  kind: string;
  input: string | null;
  firstSeq: number;
  lastSeq: number;
  ruleVersion: number;
}>;

/** What verify looks at of events beside their bodies. */
export type EventColumns = Columns<{
  seq: number;
  time: number;
  type: string;
  epoch: number;
  commandId: number;
  domid: number | null;
  agent: number | null;
}>;

/** What `/v1/events` can be asked for. */
export interface EventFilter {
  readonly type?: string | undefined;
  readonly agentId?: number | undefined;
  readonly domid?: number | undefined;
  readonly commandId?: number | undefined;
  /** The last seq to look at. */
  readonly upTo?: number | undefined;
}

/** An event that cannot be decoded, and why. */
export interface DamagedEvent extends BodyFault {
  readonly seq: number;
}

const EVENT_COLUMNS = "e.seq, e.time, e.type, e.epoch, e.command_id, e.domid, e.agent, e.body";
const COMMAND_COLUMNS = `
  c.id, c.kind, c.input, c.actor, c.source, c.reason, c.first_seq AS firstSeq, c.last_seq AS lastSeq, c.digest,
  c.rule_version AS ruleVersion, p.version AS program`;
/** Migrations 0003-audit.sql and 0004-requests.sql; a log of before is read as it is, for readers never change a file. */
const REQUEST_COLUMNS_SINCE = 4;

function commandColumns(db: Database): string {
  const isThere = (db.pragma("user_version", { simple: true }) as number) >= REQUEST_COLUMNS_SINCE;
  const columns = isThere
    ? "c.address, c.request_id AS requestId, c.traceparent, c.answer_hash AS answerHash"
    : "NULL AS address, NULL AS requestId, NULL AS traceparent, NULL AS answerHash";
  return `${COMMAND_COLUMNS}, ${columns}`;
}

/** Bodies of a run of events as one piece of bytes, read in one go. */
export interface Segment {
  readonly firstSeq: number;
  /** Seq of its last event. Where rows are missing between, that is further on than `count` says. */
  readonly lastSeq: number;
  readonly count: number;
  readonly bytes: Uint8Array;
}

/** Reads the log, from any connection. */
export class LogReader {
  readonly #db: Database;
  readonly #head;
  readonly #event;
  readonly #command;
  readonly #segment;
  readonly #ends;
  readonly #commands;
  readonly #rows;
  readonly #commandColumns;
  readonly #digests;
  readonly #eventColumns;

  constructor(db: Database) {
    this.#db = db;
    const columns = commandColumns(db);
    this.#head = db.prepare<[], number | null>("SELECT max(seq) FROM events").pluck();
    this.#event = db.prepare<[number], EventRow>(`SELECT ${EVENT_COLUMNS} FROM events AS e WHERE e.seq = ?`);
    this.#command = db.prepare<[number], CommandRow>(
      `SELECT ${columns} FROM commands AS c LEFT JOIN programs AS p ON p.id = c.program WHERE c.id = ?`,
    );
    this.#segment = db.prepare<[number, number], { count: number; bytes: Buffer }>(`
      SELECT count(*) AS count, CAST(group_concat(body, '') AS BLOB) AS bytes
      FROM (SELECT body FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq)
    `);
    this.#ends = db.prepare<[number, number], { first: number; last: number }>(
      "SELECT min(seq) AS first, max(seq) AS last FROM events WHERE seq BETWEEN ? AND ?",
    );
    this.#commands = db.prepare<[number, number], CommandRow>(`
      SELECT ${columns} FROM commands AS c LEFT JOIN programs AS p ON p.id = c.program
      WHERE c.id > ? ORDER BY c.id LIMIT ?
    `);
    this.#rows = db.prepare<[number, number], EventRow>(
      `SELECT ${EVENT_COLUMNS} FROM events AS e WHERE e.seq BETWEEN ? AND ? ORDER BY e.seq`,
    );
    this.#commandColumns = new ColumnReader<RowOf<CommandColumns>>(db, "commands", "id", {
      id: "id",
      kind: "kind",
      input: "input",
      firstSeq: "first_seq",
      lastSeq: "last_seq",
      ruleVersion: "rule_version",
    });
    this.#digests = db
      .prepare<[number, number], Buffer | null>(`
        SELECT CAST(group_concat(digest, '') AS BLOB)
        FROM (SELECT digest FROM commands WHERE id BETWEEN ? AND ? ORDER BY id)
      `)
      .pluck();
    this.#eventColumns = new ColumnReader<RowOf<EventColumns>>(db, "events", "seq", {
      seq: "seq",
      time: "time",
      type: "type",
      epoch: "epoch",
      commandId: "command_id",
      domid: "domid",
      agent: "agent",
    });
  }

  /** Seq of the last event, 0 for an empty log. */
  headSeq(): number {
    return this.#head.get() ?? 0;
  }

  row(seq: number): EventRow | undefined {
    return this.#event.get(seq);
  }

  rows(from: number, to: number): EventRow[] {
    return this.#rows.all(from, to);
  }

  command(id: number): CommandRow | undefined {
    return this.#command.get(id);
  }

  /** Commands behind `after`, at most `limit`, by id. */
  commands(after: number, limit: number): CommandRow[] {
    return this.#commands.all(after, limit);
  }

  /** Commands of a range of ids, by id; null: their rows are not what rows should be. */
  commandColumns(from: number, to: number): CommandColumns | null {
    return this.#commandColumns.read(from, to);
  }

  /** The digests of a range of commands, one behind the other. */
  digests(from: number, to: number): Uint8Array {
    return this.#digests.get(from, to) ?? new Uint8Array(0);
  }

  /** Events of a range, by seq, without their bodies: those are read by {@link segment}. Null: the rows are not what rows should be. */
  eventColumns(from: number, to: number): EventColumns | null {
    return this.#eventColumns.read(from, to);
  }

  /** Id of the last command, 0 for an empty log. */
  headCommand(): number {
    return (this.#db.prepare("SELECT max(id) FROM commands").pluck().get() as number | null) ?? 0;
  }

  /** Time of the last event, 0 for an empty log. */
  headTimeUs(): number {
    const seq = this.headSeq();
    return seq === 0 ? 0 : (this.#event.get(seq)?.time ?? 0);
  }

  /** The last seq that is not after a time (microseconds), 0: none. Times never fall, so halving finds it. */
  seqAt(timeUs: number): number {
    const time = this.#db.prepare<[number], number>("SELECT time FROM events WHERE seq = ?").pluck();
    let low = 0;
    let high = this.headSeq();
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((time.get(middle) ?? 0) <= timeUs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  event(seq: number): LoggedEvent | DamagedEvent | undefined {
    const row = this.#event.get(seq);
    return row === undefined ? undefined : this.logged(row);
  }

  /** Events behind `after` that pass the filter, at most `limit`, by seq. */
  events(after: number, limit: number, filter: EventFilter = {}): (LoggedEvent | DamagedEvent)[] {
    const conditions = ["e.seq > @after"];
    if (filter.type !== undefined) conditions.push("e.type = @type");
    if (filter.agentId !== undefined) conditions.push("e.agent = @agentId");
    if (filter.domid !== undefined) conditions.push("e.domid = @domid");
    if (filter.commandId !== undefined) conditions.push("e.command_id = @commandId");
    if (filter.upTo !== undefined) conditions.push("e.seq <= @upTo");
    const rows = this.#db
      .prepare<[object], EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM events AS e WHERE ${conditions.join(" AND ")} ORDER BY e.seq LIMIT @limit`,
      )
      .all({ after, limit, ...filter });
    return rows.map((row) => this.logged(row));
  }

  /** A row with its command's envelope, decoded. */
  logged(row: EventRow): LoggedEvent | DamagedEvent {
    const body = readBody(row.body);
    if (isBodyFault(body)) return { seq: row.seq, ...body };
    const command = this.command(row.command_id);
    if (command === undefined) return { seq: row.seq, fault: `its command ${row.command_id} is missing` };
    return loggedEvent(machineEvent(row.seq, row.epoch, body), envelopeOf(row, command));
  }

  /** The bodies of up to `count` events behind `after`, in one read. */
  segment(after: number, count: number): Segment {
    const row = this.#segment.get(after + 1, after + count);
    if (row === undefined || row.count === 0) {
      return { firstSeq: after + 1, lastSeq: after, count: 0, bytes: new Uint8Array(0) };
    }
    const isDense = row.count === count;
    const ends = isDense ? undefined : this.#ends.get(after + 1, after + count);
    const { buffer, byteOffset, byteLength } = row.bytes;
    // Views are cut from it by the thousand, and a Buffer is slower at that than the array it is.
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    return {
      firstSeq: ends?.first ?? after + 1,
      lastSeq: ends?.last ?? after + count,
      count: row.count,
      bytes,
    };
  }
}

/** Whether an event could not be decoded. */
export function isDamaged(event: MachineEvent | DamagedEvent): event is DamagedEvent {
  return "fault" in event;
}

/** An event from its body. */
export function machineEvent(seq: number, epoch: number, body: Body): MachineEvent {
  const { type, domid, agentId, data } = body;
  return { type, seq, epoch, domid, agentId, data } as MachineEvent;
}

/** The envelope that an event has of its row and its command. */
export function envelopeOf(row: Pick<EventRow, "time" | "command_id">, command: CommandRow): Envelope {
  const { actor, source, reason, address, requestId, traceparent, program } = command;
  const request = address === null || requestId === null ? null : { address, id: requestId, traceparent };
  return { timeUs: row.time, commandId: row.command_id, actor, source, reason, request, program };
}

/**
 * The events of a segment, decoded one after the other. The epoch is counted along: each `host.booted` starts the next.
 *
 * @param epoch the epoch before the segment
 */
export function* segmentEvents(segment: Segment, epoch: number): Generator<MachineEvent | DamagedEvent> {
  const { bytes, firstSeq, count } = segment;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  let current = epoch;
  for (let i = 0; i < count; i += 1) {
    const body = decodeBody(bytes, view, at);
    if (isBodyFault(body)) {
      yield { seq: firstSeq + i, ...body };
      return;
    }
    at = body.next;
    if (body.type === "host.booted") current += 1;
    yield machineEvent(firstSeq + i, current, body);
  }
}
