import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { EntryWriter } from "../entry/entry.ts";
import { HASH_BYTES } from "../merkle/hash.ts";

const DIGEST_BYTES = 32;

type EventCells = readonly [
  seq: number,
  time: number,
  epoch: number,
  type: string,
  domid: number | null,
  agent: number | null,
  commandId: number,
  bodyBytes: number,
];

type CommandCells = readonly [
  id: number,
  kind: string,
  source: string,
  actor: string,
  program: number,
  ruleVersion: number,
  firstSeq: number,
  lastSeq: number,
  reason?: string | null,
  address?: string | null,
  requestId?: string | null,
  traceparent?: string | null,
  input?: string | null,
  answerHash?: Uint8Array | null,
];

/** Where a check of the rows is: behind an event, whose command may go on. */
export interface RowPlace {
  readonly seq: number;
  readonly commandId: number;
  /** Last event of that command. */
  readonly lastSeq: number;
}

/**
 * The quick way to the leaves of a run of events: rows as arrays, bodies and digests as one piece of bytes each. It tells nothing
 * of why something is odd.
 */
export class EventRows {
  readonly #events;
  readonly #commands;
  /** Without the columns that are NULL in most commands: half the time. */
  readonly #plainCommands;
  readonly #rareValues;
  readonly #reader: LogReader;
  readonly #programs: ReadonlyMap<number, string>;
  readonly #writer = new EntryWriter();
  /** Programs that decided something. */
  readonly programsUsed = new Set<number>();
  /** Commands that were given an answer under an Idempotency-Key. */
  answers = 0;

  constructor(db: Database) {
    this.#reader = new LogReader(db);
    this.#programs = new Map(
      db.prepare<[], [number, string]>("SELECT id, version FROM programs").raw().all(),
    );
    this.#events = db
      .prepare<[number, number], EventCells>(`
        SELECT seq, time, epoch, type, domid, agent, command_id, length(body)
        FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq
      `)
      .raw();
    const commands = (rare: string) =>
      db
        .prepare<[number, number], CommandCells>(`
          SELECT id, kind, source, actor, program, rule_version, first_seq, last_seq${rare}
          FROM commands WHERE id BETWEEN ? AND ? ORDER BY id
        `)
        .raw();
    this.#plainCommands = commands("");
    this.#commands = commands(", reason, address, request_id, traceparent, input, answer_hash");
    this.#rareValues = db
      .prepare<[number, number], number>(`
        SELECT count(reason) + count(address) + count(request_id) + count(traceparent) + count(input) + count(answer_hash)
        FROM commands WHERE id BETWEEN ? AND ?
      `)
      .pluck();
  }

  /**
   * The leaves of the events behind a place, up to a seq, and the place behind them.
   *
   * @returns null where the rows are not one dense run, each event within its command, each command where the one before it ends
   */
  leaves(start: RowPlace, to: number): { readonly leaves: Buffer; readonly end: RowPlace } | null {
    const { seq, commandId } = start;
    const events = this.#events.all(seq + 1, to);
    const lastEvent = events.at(-1);
    if (events.length !== to - seq || lastEvent === undefined) return null;
    // The first event may be in the middle of the command that the place is behind.
    const firstCommand = events[0]?.[6] ?? 0;
    const range = [firstCommand, lastEvent[6]] as const;
    const isPlain = this.#rareValues.get(...range) === 0;
    const commands = (isPlain ? this.#plainCommands : this.#commands).all(...range);
    const digests = this.#reader.digests(firstCommand, lastEvent[6]);
    const { bytes } = this.#reader.segment(seq, events.length);
    const isNext = firstCommand === commandId || firstCommand === commandId + 1;
    const isWhole =
      commands.length === lastEvent[6] - firstCommand + 1 &&
      digests.length === commands.length * DIGEST_BYTES;
    if (!isNext || !isWhole) return null;

    const leaves = Buffer.allocUnsafe(events.length * HASH_BYTES);
    let bodyAt = 0;
    let at = -1;
    let lastSeq = start.lastSeq;
    for (let i = 0; i < events.length; i += 1) {
      const event = events[i] as EventCells;
      const eventSeq = event[0];
      const ofCommand = event[6];
      const bodyBytes = event[7];
      if (eventSeq !== seq + 1 + i) return null;
      if (at < 0 || ofCommand !== firstCommand + at) {
        at += 1;
        const command = commands[at];
        if (command === undefined || command[0] !== ofCommand || command[0] !== firstCommand + at)
          return null;
        const isBegun = at === 0 && ofCommand === commandId;
        if (isBegun ? command[6] > eventSeq : command[6] !== eventSeq) return null;
        if (!isBegun && lastSeq !== eventSeq - 1) return null;
        lastSeq = command[7];
        if (!this.#begin(command, digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES), isBegun))
          return null;
      }
      if (eventSeq > lastSeq) return null;
      const body = bytes.subarray(bodyAt, bodyAt + bodyBytes);
      bodyAt += bodyBytes;
      this.#writer.event({
        seq: eventSeq,
        time: event[1],
        epoch: event[2],
        type: event[3],
        domid: event[4],
        agent: event[5],
        body,
      });
      this.#writer.leafInto(leaves, i * HASH_BYTES);
    }
    return bodyAt === bytes.length ? { leaves, end: { seq: to, commandId: lastEvent[6], lastSeq } } : null;
  }

  #begin(command: CommandCells, digest: Uint8Array, isBegun: boolean): boolean {
    const program = command[4];
    const answerHash = command[13] ?? null;
    const version = this.#programs.get(program);
    if (version === undefined) return false;
    this.programsUsed.add(program);
    if (answerHash !== null && !isBegun) this.answers += 1;
    // By index: taking an array apart by its iterator costs as much as hashing it.
    this.#writer.command(
      {
        kind: command[1],
        source: command[2],
        actor: command[3],
        reason: command[8] ?? null,
        program: version,
        ruleVersion: command[5],
        address: command[9] ?? null,
      },
      {
        id: command[0],
        requestId: command[10] ?? null,
        traceparent: command[11] ?? null,
        firstSeq: command[6],
        lastSeq: command[7],
        digest,
        input: command[12] ?? null,
        answerHash,
      },
    );
    return true;
  }
}
