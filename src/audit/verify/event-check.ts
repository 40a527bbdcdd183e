import type { Database } from "#store/database.ts";
import { logRow } from "../audit-log.ts";
import { CheckpointRows } from "../checkpoints.ts";
import { Frontier } from "../merkle/frontier.ts";
import { HASH_BYTES, perfectRoot, sameHash } from "../merkle/hash.ts";
import type { TreeHead } from "../merkle/proofs.ts";
import { TILE_WIDTH } from "../tiles/layout.ts";
import { TreeReader } from "../tree/tree-reader.ts";
import { EventRows, type RowPlace } from "./event-rows.ts";
import type { Faults } from "./faults.ts";
import { RowDiagnosis } from "./row-diagnosis.ts";
import { TileCheck } from "./tile-check.ts";

/** Events that are looked at in one piece: whole tiles. */
const PIECE_EVENTS = 8 * TILE_WIDTH;

/** More missing events than that are not looked for one by one. */
const GAP_EVENTS_MAX = 100_000;

/** A tree that somebody signed or knows, to which the log is held. */
export interface KnownHead extends TreeHead {
  /** Where it comes from, for people. */
  readonly what: string;
}

export interface EventCheckOptions {
  /** Events that were verified before: those behind are. */
  readonly since: number;
  readonly heads: readonly KnownHead[];
  readonly onProgress: (events: number, total: number) => void;
}

/** What a check of all events came to. */
export interface EventCheck {
  readonly events: number;
  /** Events in the log. */
  readonly size: number;
  readonly rootHash: Uint8Array;
  /** Commands looked at that were given an answer under an Idempotency-Key. */
  readonly answers: number;
}

/**
 * Makes every leaf anew from what lies in the rows, and the tree over them, and holds both to what is stored and to every head
 * that is known.
 */
export function checkEvents(db: Database, faults: Faults, options: EventCheckOptions): EventCheck {
  const reader = new TreeReader(db);
  const size = sizeOf(db, reader, faults, options.since);
  const run = new EventRun(db, reader, faults, size, options);
  run.perform();
  return { events: size - run.begin, size, rootHash: run.root(), answers: run.answers };
}

/** Events of the log, as far as there can be said to be one: a row far behind all others is none of it. */
function sizeOf(db: Database, reader: TreeReader, faults: Faults, since: number): number {
  const last = reader.size();
  // Of a whole table SQLite counts pages, not rows.
  const behind = since === 0 ? "" : "WHERE seq > ?";
  const values = since === 0 ? [] : [since];
  const count =
    db
      .prepare<number[], number>(`SELECT count(*) FROM events ${behind}`)
      .pluck()
      .get(...values) ?? 0;
  const believable = since + count + GAP_EVENTS_MAX;
  if (last <= believable) return last;
  faults.add("events", last, `event ${last} lies behind ${last - since - count} events that are missing`);
  return since + count;
}

class EventRun {
  readonly #db: Database;
  readonly #faults: Faults;
  readonly #size: number;
  readonly #options: EventCheckOptions;
  readonly #rows: EventRows;
  readonly #diagnosis: RowDiagnosis;
  readonly #stored;
  readonly #reader: TreeReader;
  readonly #tiles: TileCheck;
  readonly #frontier: Frontier;
  /** Leaves behind the frontier: those of the last tile, which is not full. */
  #rest: Buffer = Buffer.alloc(0);
  #lastGood: number;
  readonly #ahead: KnownHead[];
  /** Events before the first that is looked at: a multiple of a tile. */
  readonly begin: number;

  constructor(db: Database, reader: TreeReader, faults: Faults, size: number, options: EventCheckOptions) {
    this.#db = db;
    this.#reader = reader;
    this.#faults = faults;
    this.#size = size;
    this.#options = options;
    this.begin = Math.floor(Math.min(options.since, size) / TILE_WIDTH) * TILE_WIDTH;
    this.#lastGood = this.begin;
    this.#rows = new EventRows(db);
    this.#diagnosis = new RowDiagnosis(db, faults);
    this.#tiles = new TileCheck(db, faults, this.begin);
    this.#frontier = Frontier.at(this.begin, reader.node);
    this.#stored = db
      .prepare<[number, number], Buffer | null>(`
        SELECT CAST(group_concat(coalesce(leaf, zeroblob(32)), '') AS BLOB)
        FROM (SELECT leaf FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq)
      `)
      .pluck();
    this.#ahead = options.heads.filter(({ size }) => size >= this.begin).sort((a, b) => a.size - b.size);
  }

  perform(): void {
    let place = this.#start();
    this.#passHeads();
    while (place.seq < this.#size) {
      const to = Math.min(place.seq + PIECE_EVENTS, this.#size);
      const { leaves, end } = this.#rows.leaves(place, to) ?? this.#diagnosis.leaves(place, to);
      this.#compareLeaves(place.seq + 1, leaves);
      this.#grow(leaves);
      place = end;
      this.#options.onProgress(to - this.begin, this.#size - this.begin);
    }
    for (const { size, what } of this.#ahead) {
      const missing = size - this.#size;
      this.#faults.add(
        "file",
        null,
        `${what} speaks for ${size} events; the log ends at ${this.#size}: ${missing} are missing`,
      );
    }
    this.#checkCommandsEnd(place);
    this.#tiles.finish(this.#size, new CheckpointRows(this.#db).newest()?.size ?? 0);
  }

  root(): Uint8Array {
    return this.#edge(this.#rest.length / HASH_BYTES).root();
  }

  #start(): RowPlace {
    const seq = this.begin;
    if (seq === 0) return { seq: 0, commandId: 0, lastSeq: 0 };
    const row = this.#db
      .prepare<[number], { commandId: number; lastSeq: number | null }>(
        "SELECT e.command_id AS commandId, c.last_seq AS lastSeq FROM events AS e LEFT JOIN commands AS c ON c.id = e.command_id WHERE e.seq = ?",
      )
      .get(seq);
    return { seq, commandId: row?.commandId ?? 0, lastSeq: row?.lastSeq ?? seq };
  }

  /** Holds each leaf to the one that was stored with its event. */
  #compareLeaves(from: number, leaves: Buffer): void {
    const count = leaves.length / HASH_BYTES;
    const leavesFrom = logRow(this.#db)?.leavesFrom ?? 1;
    let stored = this.#stored.get(from, from + count - 1) ?? Buffer.alloc(0);
    if (from < leavesFrom || stored.length !== leaves.length)
      stored = this.#storedOneByOne(from, count, leavesFrom);
    if (stored.equals(leaves)) return;
    for (let i = 0; i < count; i += 1) {
      const [was, is] = [stored, leaves].map((all) => all.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
      if (was === undefined || is === undefined || was.equals(is)) continue;
      this.#faults.add(
        "events",
        from + i,
        `event ${from + i} is not what was recorded: a value of it or of its command was changed`,
      );
    }
  }

  /** Leaves of old events lie in tiles; where one is missing, zeros stand for it. */
  #storedOneByOne(from: number, count: number, leavesFrom: number): Buffer {
    const own = this.#db.prepare<[number], Buffer | null>("SELECT leaf FROM events WHERE seq = ?").pluck();
    const stored = Buffer.alloc(count * HASH_BYTES);
    for (let i = 0; i < count; i += 1) {
      const index = from + i - 1;
      const at = (index % TILE_WIDTH) * HASH_BYTES;
      const tile = from + i < leavesFrom ? this.#reader.storedTile(0, Math.floor(index / TILE_WIDTH)) : null;
      const inTile = tile?.subarray(at, at + HASH_BYTES);
      const leaf = tile === null ? own.get(from + i) : inTile;
      if (leaf?.length === HASH_BYTES) stored.set(leaf, i * HASH_BYTES);
    }
    return stored;
  }

  #grow(leaves: Buffer): void {
    this.#rest = this.#rest.length === 0 ? leaves : Buffer.concat([this.#rest, leaves]);
    const tileBytes = TILE_WIDTH * HASH_BYTES;
    while (this.#rest.length >= tileBytes) {
      this.#passHeads();
      const root = perfectRoot(this.#rest.subarray(0, tileBytes));
      this.#tiles.add(root);
      this.#frontier.append(root, 8);
      this.#rest = this.#rest.subarray(tileBytes);
    }
    this.#passHeads();
  }

  /** Holds the tree to the heads that lie within the tile at the frontier. */
  #passHeads(): void {
    const reach = this.#frontier.size + Math.min(this.#rest.length / HASH_BYTES, TILE_WIDTH - 1);
    for (let head = this.#ahead[0]; head !== undefined && head.size <= reach; head = this.#ahead[0]) {
      this.#ahead.shift();
      const root = this.#edge(head.size - this.#frontier.size).root();
      if (sameHash(root, head.root)) this.#lastGood = head.size;
      else {
        const from = this.#lastGood + 1;
        const detail = `${what(head)}: the events ${from} to ${head.size} are not those that it was signed for`;
        this.#faults.add("events", from, detail);
      }
    }
  }

  /** The edge of the tree, so many leaves behind the frontier. */
  #edge(count: number): Frontier {
    const edge = this.#frontier.copy();
    for (let i = 0; i < count; i += 1) edge.append(this.#rest.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    return edge;
  }

  /** Commands and programs that no event speaks for. */
  #checkCommandsEnd({ commandId, lastSeq }: RowPlace): void {
    const count = (sql: string, ...values: number[]): number =>
      this.#db
        .prepare<number[], number>(sql)
        .pluck()
        .get(...values) ?? 0;
    if (lastSeq > this.#size && this.#size > 0) {
      this.#faults.add(
        "events",
        this.#size,
        `command ${commandId} has events up to ${lastSeq}; the log ends at ${this.#size}`,
      );
    }
    const beyond = count("SELECT count(*) FROM commands WHERE id > ? OR id < 1", commandId);
    if (beyond > 0)
      this.#faults.add("commands", null, `${beyond} commands behind ${commandId} have no event`);
    const odd = count("SELECT count(*) FROM events WHERE seq < 1");
    if (odd > 0) this.#faults.add("events", null, `${odd} events have a seq below 1`);
    if (this.begin > 0) return;
    const programs = count("SELECT count(*) FROM programs");
    if (programs !== this.#rows.programsUsed.size && this.#faults.count === 0) {
      this.#faults.add(
        "programs",
        null,
        `${programs} programs are listed, ${this.#rows.programsUsed.size} decided something`,
      );
    }
  }

  /** Commands with a kept answer, where all of them were read. */
  get answers(): number {
    return this.#rows.answers;
  }
}

function what(head: KnownHead): string {
  return `${head.what} over ${head.size} events`;
}
