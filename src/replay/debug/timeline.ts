import type { CellChange, JournalMark, PieceChange } from "#base/cells.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import { Machine } from "#machine/machine.ts";
import type { MachineState } from "#machine/state/state.ts";
import { unreadable } from "#store/damage.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader, segmentEvents } from "#store/log-reader.ts";
import { outsidePack, rangeOfPack } from "#store/packs.ts";
import { hasSnapshotBetween } from "#store/snapshots.ts";
import { sha256 } from "../hash.ts";
import { segmentsBehind } from "../segments.ts";
import { startFromSnapshot } from "../snapshot-start.ts";

/** Events that the journal is kept of at the least, where the log has as many and one went over them. */
const KEPT_EVENTS = 4096;
/** Of a jump fewer are kept: most of its cost was what is made for events that nobody then takes back. */
const KEPT_OF_JUMP = 256;

/** An event that the timeline has applied and can take back. */
interface Applied {
  readonly event: MachineEvent;
  /** Where the journal was before it. */
  mark: JournalMark;
}

/** The last event that happened, and what it changed. */
export interface LastEvent {
  readonly event: MachineEvent;
  readonly cells: readonly CellChange[];
  readonly pieces: readonly PieceChange[];
}

/**
 * The machine at one moment of a log, which can be moved to any other. The journal of the last few thousand events is kept: going
 * back among them is undoing, and further back a rebuild from the snapshot before. The log is only read.
 */
export class Timeline {
  readonly #db: Database;
  readonly #reader: LogReader;
  readonly #kept: number;
  /** The first moment that there is: 0, or that before a pack's range. */
  readonly begin: number;
  #machine: Machine = new Machine(sha256);
  /** The moment where the journal begins. */
  #base = 0;
  #applied: Applied[] = [];

  /** @param kept events that can be taken back at once at the least */
  constructor(db: Database, kept: number = KEPT_EVENTS) {
    this.#db = db;
    this.#reader = new LogReader(db);
    this.#kept = kept;
    this.begin = (rangeOfPack(db)?.from ?? 1) - 1;
  }

  /** Seq of the last event that has happened; 0: none has. Of a pack it is 0 until somebody goes to a moment. */
  get at(): number {
    return this.#base + this.#applied.length;
  }

  get state(): MachineState {
    return this.#machine.state;
  }

  /**
   * Moves to the moment after an event, from {@link begin} to the log's head.
   *
   * @returns `position-outside-pack` for a moment before that; `log-damaged` where an event on the way cannot be read: then it stays where it was, or stands before that event
   */
  goto(seq: number): Problem | null {
    const outside = seq < this.begin ? outsidePack(this.#db, seq) : null;
    if (outside !== null) return outside;
    if (seq < this.#base || this.at < this.begin) return this.#rebuild(seq);
    if (seq <= this.at) {
      const first = this.#applied[seq - this.#base];
      if (first !== undefined) this.state.undo(first.mark);
      this.#applied.length = seq - this.#base;
      return null;
    }
    const isNear = seq - this.at <= this.#kept || !hasSnapshotBetween(this.#db, this.at, seq);
    return isNear ? this.forward(seq) : this.#rebuild(seq);
  }

  /**
   * Applies event after event until `seq`, or until `isStop` says of one that it was the last.
   *
   * @returns as {@link goto}
   */
  forward(seq: number, isStop?: (last: LastEvent) => boolean): Problem | null {
    const events = eventsBehind(this.#reader, this.#db.name, this.at, seq, this.#epoch());
    for (;;) {
      const next = events.next();
      if (next.done === true) return next.value;
      this.#apply(next.value);
      if (isStop?.(this.#lastOf(this.#applied.at(-1) as Applied)) === true) return null;
    }
  }

  /** Takes the last event back; at the beginning there is none. Refused as {@link goto} is. */
  back(): Problem | null {
    return this.at === this.begin ? null : this.goto(this.at - 1);
  }

  /** The last event; null at the beginning. Refused as {@link goto} is. */
  last(): LastEvent | Problem | null {
    if (this.at === this.begin) return null;
    if (this.#applied.length === 0) {
      const { at } = this;
      const fault = this.#rebuild(at - 1) ?? this.forward(at);
      if (fault !== null) return fault;
    }
    return this.#lastOf(this.#applied.at(-1) as Applied);
  }

  #lastOf({ event, mark }: Applied): LastEvent {
    const { journal } = this.state;
    return { event, cells: journal.cells.slice(mark.cells), pieces: journal.pieces.slice(mark.pieces) };
  }

  /** Applies the events up to `seq` for good: none of them can be taken back. */
  #fold(seq: number): Problem | null {
    if (seq <= this.at) return null;
    const { journal, memory } = this.state;
    const events = eventsBehind(this.#reader, this.#db.name, this.at, seq, this.#epoch());
    for (;;) {
      const next = events.next();
      if (next.done === true) {
        memory.beginCommand();
        return next.value;
      }
      this.#machine.apply(next.value);
      journal.clear();
      this.#base = next.value.seq;
    }
  }

  #epoch(): number {
    return this.state.host.get(0)?.epoch ?? 0;
  }

  #apply(event: MachineEvent): void {
    // Each event journals the memory that it writes, as if it were a command of its own: each can be taken back alone.
    this.state.memory.beginCommand();
    this.#applied.push({ event, mark: this.state.journal.mark() });
    this.#machine.apply(event);
    if (this.#applied.length >= 2 * this.#kept) this.#forget(this.#kept);
  }

  /** Forgets how the first events are taken back, so that the journal does not grow with the log. */
  #forget(count: number): void {
    const cut = this.#applied[count]?.mark;
    if (cut === undefined) return;
    const { cells, pieces } = this.state.journal;
    cells.splice(0, cut.cells);
    pieces.splice(0, cut.pieces);
    this.#applied.splice(0, count);
    for (const applied of this.#applied) {
      const { mark } = applied;
      applied.mark = { cells: mark.cells - cut.cells, pieces: mark.pieces - cut.pieces };
    }
    this.#base += count;
  }

  /**
   * Comes to a moment from the newest snapshot before it; where that fails everything stays as it was. Who comes a step further
   * back than the journal goes, goes on like that: then it is kept from the snapshot on.
   */
  #rebuild(seq: number): Problem | null {
    const kept = seq === this.#base - 1 ? Number.POSITIVE_INFINITY : Math.min(this.#kept, KEPT_OF_JUMP);
    const before = { machine: this.#machine, base: this.#base, applied: this.#applied };
    this.#machine = new Machine(sha256);
    this.#base = seq === 0 ? 0 : (startFromSnapshot(this.#machine, this.#db, seq)?.seq ?? 0);
    this.#applied = [];
    const isStarted = this.#base >= this.begin;
    const fault = isStarted
      ? (this.#fold(seq - kept) ?? this.forward(seq))
      : unstarted(this.#db.name, this.begin);
    if (fault === null) return null;
    this.#machine = before.machine;
    this.#base = before.base;
    this.#applied = before.applied;
    return fault;
  }
}

function unstarted(file: string, begin: number): Problem {
  return problem("log-damaged", { file, why: `the state before event ${begin + 1} does not hold` });
}

/**
 * The events of a range, decoded one after the other.
 *
 * @param epoch that of the event `after`; who does not look at epochs may give any
 * @returns `log-damaged` at the first that is missing or cannot be read, otherwise null
 */
export function* eventsBehind(
  reader: LogReader,
  file: string,
  after: number,
  to: number,
  epoch = 0,
): Generator<MachineEvent, Problem | null> {
  let current = epoch;
  for (const segment of segmentsBehind(reader, file, after, to)) {
    if (isProblem(segment)) return segment;
    for (const event of segmentEvents(segment, current)) {
      if (isDamaged(event)) return unreadable(file, event);
      current = event.epoch;
      yield event;
    }
  }
  return null;
}
