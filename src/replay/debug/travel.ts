import { isProblem, type Problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import type { Breakpoint, Watchpoint } from "./stops.ts";
import { eventsBehind, type LastEvent, Timeline } from "./timeline.ts";

/** Events that are looked at in one go on the way back. */
const CHUNK_EVENTS = 1000;

/** What stops a session, by its id. */
export type Stop = { readonly id: number } & (Breakpoint | Watchpoint);

/** What stopped a session; of a watch what it was and is, as JSON. */
export interface Hit {
  readonly id: number;
  readonly kind: "break" | "watch";
  readonly text: string;
  readonly before?: string;
  readonly after?: string;
}

/** Goes through a log, forward and backward, until something stops it: the same events stop it either way. */
export class Travel {
  readonly timeline: Timeline;
  readonly #db: Database;
  readonly #reader: LogReader;

  constructor(db: Database, kept?: number) {
    this.timeline = new Timeline(db, kept);
    this.#db = db;
    this.#reader = new LogReader(db);
  }

  /** Goes to the next event that something stops at, or to the head: then nothing hit. */
  onward(stops: readonly Stop[], headSeq: number): readonly Hit[] | Problem {
    const { timeline } = this;
    const { breaks, watches } = sorted(stops);
    if (watches.length === 0) {
      const seq = this.#firstMatch(breaks, headSeq);
      if (isProblem(seq)) return seq;
      return timeline.goto(seq ?? headSeq) ?? this.#breakHits(breaks);
    }
    let values = watches.map((watch) => watch.value(timeline.state));
    let hits: readonly Hit[] = [];
    const fault = timeline.forward(headSeq, (last) => {
      const now = this.#valuesAfter(watches, values, last);
      hits = [...eventHits(breaks, last), ...watchHits(watches, values, now)];
      values = now;
      return hits.length > 0;
    });
    return fault ?? hits;
  }

  /** Goes back to the last event before this one that something stops at, or to the beginning: then nothing hit. */
  backward(stops: readonly Stop[]): readonly Hit[] | Problem {
    const { timeline } = this;
    const { breaks, watches } = sorted(stops);
    if (watches.length === 0) {
      const seq = this.#lastMatch(breaks);
      if (isProblem(seq)) return seq;
      return timeline.goto(seq ?? timeline.begin) ?? this.#breakHits(breaks);
    }
    const fault = timeline.back();
    if (fault !== null) return fault;
    let values = watches.map((watch) => watch.value(timeline.state));
    for (;;) {
      const last = timeline.last();
      if (last === null) return [];
      if (isProblem(last)) return last;
      const { at } = timeline;
      const undone = timeline.back();
      if (undone !== null) return undone;
      const before = this.#valuesAfter(watches, values, last);
      const hits = [...eventHits(breaks, last), ...watchHits(watches, before, values)];
      if (hits.length > 0) return timeline.goto(at) ?? hits;
      values = before;
    }
  }

  /** What watches come to now, asked only where the event touched what they read. */
  #valuesAfter(watches: readonly WatchStop[], values: readonly string[], { cells }: LastEvent): string[] {
    const tables = new Set(cells.map(({ table }) => table.name));
    return watches.map((watch, i) => {
      const isTouched = [...tables].some((table) => watch.reads(table));
      return isTouched ? watch.value(this.timeline.state) : (values[i] as string);
    });
  }

  /** What stops at the event where the timeline stands. */
  #breakHits(breaks: readonly BreakStop[]): readonly Hit[] | Problem {
    if (breaks.length === 0) return [];
    const last = this.timeline.last();
    return isProblem(last) ? last : last === null ? [] : eventHits(breaks, last);
  }

  /** Breakpoints alone need no state: the events are read, and the machine goes there in one go. */
  #firstMatch(breaks: readonly BreakStop[], headSeq: number): number | Problem | null {
    if (breaks.length === 0) return null;
    const events = eventsBehind(this.#reader, this.#db.name, this.timeline.at, headSeq);
    for (;;) {
      const next = events.next();
      if (next.done === true) return next.value;
      if (breaks.some((stop) => stop.matches(next.value))) return next.value.seq;
    }
  }

  #lastMatch(breaks: readonly BreakStop[]): number | Problem | null {
    if (breaks.length === 0) return null;
    const { begin } = this.timeline;
    for (let to = this.timeline.at - 1; to > begin; to -= CHUNK_EVENTS) {
      const events = eventsBehind(this.#reader, this.#db.name, Math.max(begin, to - CHUNK_EVENTS), to);
      let found: number | null = null;
      for (;;) {
        const next = events.next();
        if (next.done === true) {
          if (next.value !== null) return next.value;
          break;
        }
        if (breaks.some((stop) => stop.matches(next.value))) found = next.value.seq;
      }
      if (found !== null) return found;
    }
    return null;
  }
}

type BreakStop = Extract<Stop, { kind: "break" }>;
type WatchStop = Extract<Stop, { kind: "watch" }>;

function sorted(stops: readonly Stop[]): {
  readonly breaks: readonly BreakStop[];
  readonly watches: readonly WatchStop[];
} {
  return {
    breaks: stops.filter((stop) => stop.kind === "break"),
    watches: stops.filter((stop) => stop.kind === "watch"),
  };
}

function eventHits(breaks: readonly BreakStop[], { event }: LastEvent): Hit[] {
  return breaks.filter((stop) => stop.matches(event)).map(({ id, kind, text }) => ({ id, kind, text }));
}

function watchHits(
  watches: readonly WatchStop[],
  before: readonly string[],
  after: readonly string[],
): Hit[] {
  return watches.flatMap(({ id, kind, text }, i) => {
    const [was, is] = [before[i] as string, after[i] as string];
    return was === is ? [] : [{ id, kind, text, before: was, after: is }];
  });
}
