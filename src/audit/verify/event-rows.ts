import { ColumnReader, type Columns } from "#store/column-reader.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { EntryWriter } from "../entry/entry.ts";
import { HASH_BYTES } from "../merkle/hash.ts";

const DIGEST_BYTES = 32;

interface EventRow extends Record<string, number | string | null> {
  readonly seq: number;
  readonly time: number;
  readonly epoch: number;
  readonly type: string;
  readonly domid: number | null;
  readonly agent: number | null;
  readonly commandId: number;
  readonly bodyBytes: number;
}

interface CommandRow extends Record<string, number | string | null> {
  readonly id: number;
  readonly kind: string;
  readonly source: string;
  readonly actor: string;
  readonly program: number;
  readonly ruleVersion: number;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** What is NULL in most commands. */
type RareCells = readonly [
  reason: string | null,
  address: string | null,
  requestId: string | null,
  traceparent: string | null,
  input: string | null,
  answerHash: Uint8Array | null,
];

const ALL_NULL: RareCells = [null, null, null, null, null, null];

/** Where a check of the rows is: behind an event, whose command may go on. */
export interface RowPlace {
  readonly seq: number;
  readonly commandId: number;
  /** Last event of that command. */
  readonly lastSeq: number;
}

/**
 * The quick way to the leaves of a run of events: rows by column, bodies and digests as one piece of bytes each. It tells nothing
 * of why something is odd.
 */
export class EventRows {
  readonly #events;
  readonly #commands;
  readonly #rareCount;
  readonly #rare;
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
    this.#events = new ColumnReader<EventRow>(db, "events", "seq", {
      seq: "seq",
      time: "time",
      epoch: "epoch",
      type: "type",
      domid: "domid",
      agent: "agent",
      commandId: "command_id",
      bodyBytes: "length(body)",
    });
    this.#commands = new ColumnReader<CommandRow>(db, "commands", "id", {
      id: "id",
      kind: "kind",
      source: "source",
      actor: "actor",
      program: "program",
      ruleVersion: "rule_version",
      firstSeq: "first_seq",
      lastSeq: "last_seq",
    });
    const rare = ["reason", "address", "request_id", "traceparent", "input", "answer_hash"];
    this.#rareCount = db
      .prepare<[number, number], number>(
        `SELECT ${rare.map((name) => `count(${name})`).join(" + ")} FROM commands WHERE id BETWEEN ? AND ?`,
      )
      .pluck();
    this.#rare = db
      .prepare<[number, number], RareCells>(
        `SELECT ${rare.join(", ")} FROM commands WHERE id BETWEEN ? AND ? ORDER BY id`,
      )
      .raw();
  }

  /**
   * The leaves of the events behind a place, up to a seq, and the place behind them.
   *
   * @returns null where the rows are not one dense run, each event within its command, each command where the one before it ends
   */
  leaves(start: RowPlace, to: number): { readonly leaves: Buffer; readonly end: RowPlace } | null {
    const { seq, commandId } = start;
    const events = this.#events.read(seq + 1, to);
    if (events === null || events.seq.length !== to - seq) return null;
    // The first event may be in the middle of the command that the place is behind.
    const firstCommand = events.commandId[0] as number;
    const lastCommand = events.commandId[to - seq - 1] as number;
    const run = this.#run(firstCommand, lastCommand);
    const isNext = firstCommand === commandId || firstCommand === commandId + 1;
    if (run === null || !isNext) return null;
    const { commands } = run;
    const { bytes } = this.#reader.segment(seq, to - seq);

    const leaves = Buffer.allocUnsafe((to - seq) * HASH_BYTES);
    let bodyAt = 0;
    let at = -1;
    let lastSeq = start.lastSeq;
    for (let i = 0; i < to - seq; i += 1) {
      const eventSeq = seq + 1 + i;
      const ofCommand = events.commandId[i] as number;
      if (events.seq[i] !== eventSeq) return null;
      if (at < 0 || ofCommand !== firstCommand + at) {
        at += 1;
        if (ofCommand !== firstCommand + at || commands.id[at] !== ofCommand) return null;
        const firstSeq = commands.firstSeq[at] as number;
        const isBegun = at === 0 && ofCommand === commandId;
        if (isBegun ? firstSeq > eventSeq : firstSeq !== eventSeq) return null;
        if (!isBegun && lastSeq !== eventSeq - 1) return null;
        lastSeq = commands.lastSeq[at] as number;
        if (!this.#begin(run, at, isBegun)) return null;
      }
      if (eventSeq > lastSeq) return null;
      const bodyEnd = bodyAt + (events.bodyBytes[i] as number);
      this.#writer.event({
        seq: eventSeq,
        time: events.time[i] as number,
        epoch: events.epoch[i] as number,
        type: events.type[i] as string,
        domid: events.domid[i] as number | null,
        agent: events.agent[i] as number | null,
        body: bytes.subarray(bodyAt, bodyEnd),
      });
      bodyAt = bodyEnd;
      this.#writer.leafInto(leaves, i * HASH_BYTES);
    }
    return bodyAt === bytes.length ? { leaves, end: { seq: to, commandId: lastCommand, lastSeq } } : null;
  }

  /** Commands from one id to another; null where they are not all there. */
  #run(first: number, last: number): CommandRun | null {
    const commands = this.#commands.read(first, last);
    const count = last - first + 1;
    if (commands === null || commands.id.length !== count) return null;
    const digests = this.#reader.digests(first, last);
    if (digests.length !== count * DIGEST_BYTES) return null;
    const rare = this.#rareCount.get(first, last) === 0 ? [] : this.#rare.all(first, last);
    return { commands, digests, rare };
  }

  #begin({ commands, digests, rare }: CommandRun, at: number, isBegun: boolean): boolean {
    const program = commands.program[at] as number;
    // By index: taking an array apart by its iterator costs as much as hashing it.
    const cells = rare[at] ?? ALL_NULL;
    const answerHash = cells[5];
    const version = this.#programs.get(program);
    if (version === undefined) return false;
    this.programsUsed.add(program);
    if (answerHash !== null && !isBegun) this.answers += 1;
    this.#writer.command(
      {
        kind: commands.kind[at] as string,
        source: commands.source[at] as string,
        actor: commands.actor[at] as string,
        reason: cells[0],
        program: version,
        ruleVersion: commands.ruleVersion[at] as number,
        address: cells[1],
      },
      {
        id: commands.id[at] as number,
        requestId: cells[2],
        traceparent: cells[3],
        firstSeq: commands.firstSeq[at] as number,
        lastSeq: commands.lastSeq[at] as number,
        digest: digests.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES),
        input: cells[4],
        answerHash,
      },
    );
    return true;
  }
}

interface CommandRun {
  readonly commands: Columns<CommandRow>;
  /** One behind the other. */
  readonly digests: Uint8Array;
  /** None where all are NULL. */
  readonly rare: readonly RareCells[];
}
