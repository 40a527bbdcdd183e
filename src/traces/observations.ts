import { type Problem, problem } from "#base/problem.ts";
import type { TraceImported } from "#events/observed.ts";
import type { Observation } from "#machine/commands/commands.ts";
import { Exchanges } from "./ftrace/exchanges.ts";
import type { Observed } from "./ftrace/observed.ts";
import { FtraceReader } from "./ftrace/read-ftrace.ts";
import type { FtraceRecord } from "./ftrace/records.ts";
import { type Line, linesOf, type TextFacts } from "./lines.ts";
import { XenLogReader, type XenRecord } from "./xen-log/read-xen-log.ts";

/** A file to be read, before anything of it is in a log. */
export interface TraceFile {
  /** Path, for refusals. */
  readonly file: string;
  /** Name without its folder. */
  readonly name: string;
  /** Its bytes, from the start each time. */
  readonly chunks: () => Iterable<Uint8Array>;
}

/** What a file comes to in a log: that it was imported, then what was observed. */
export interface ReadTrace {
  readonly imported: TraceImported;
  /** How many observations there are. */
  readonly count: number;
  /**
   * Reads the file again, so that no more of it than a few thousand lines is ever in memory.
   *
   * @param trace seq of the event that the trace was imported
   * @returns `file-unreadable` where it is not the same file any more
   */
  observations(trace: number): Generator<Observation, Problem | null>;
}

/**
 * Reads Linux' trace events.
 *
 * @param agentId the agent whose kernel it was, null: nobody knows
 */
export function readFtraceFile(file: TraceFile, agentId: number | null): ReadTrace {
  const counter = new FtraceCounter();
  const reader = new FtraceReader(
    (record) => counter.take(record),
    (events) => counter.lost(events),
  );
  const facts = readLines(file, (line) => reader.line(line));
  const { hasSeveral, counts, fastChannel, count } = counter.end();
  const { repeated, lost, otherLines, faults } = reader;
  return {
    imported: imported("ftrace", file, facts, {
      counts: {
        ...counts,
        "fast-channel": fastChannel,
        repeated,
        lost,
        damaged: faults.count,
        "cut-line": facts.endsWithinLine ? 1 : 0,
        "other-lines": otherLines,
      },
      faults: faults.told,
    }),
    count,
    observations: (trace) =>
      again<Observed>(
        file,
        facts,
        (give) => {
          const exchanges = new Exchanges(hasSeveral, give);
          const second = new FtraceReader(
            (record) => exchanges.take(record),
            (events) => exchanges.lost(events),
          );
          return { line: (line) => second.line(line), end: () => exchanges.end() };
        },
        (each) => ({ kind: "scmi.observed", agentId, observed: { trace, ...scmiOf(each) } }),
      ),
  };
}

/** Reads Xen's console. */
export function readXenLogFile(file: TraceFile): ReadTrace {
  const reader = new XenLogReader(() => undefined);
  const facts = readLines(file, (line) => reader.line(line));
  const { messages, unknown, otherLines, faults } = reader;
  return {
    imported: imported("xen-log", file, facts, {
      counts: {
        messages,
        "unknown-messages": unknown,
        damaged: faults.count,
        "cut-line": facts.endsWithinLine ? 1 : 0,
        "other-lines": otherLines,
      },
      faults: faults.told,
    }),
    count: messages,
    observations: (trace) =>
      again<XenRecord>(
        file,
        facts,
        (give) => {
          const second = new XenLogReader(give);
          return { line: (line) => second.line(line), end: () => undefined };
        },
        (record) => ({
          kind: "xen.observed",
          agentId: agentOf(record.fields["agentId"]),
          observed: { trace, ...record },
        }),
      ),
  };
}

/**
 * Counts what a trace comes to. Whether it is of several instances is known at its end only, and decides how its records are put together:
 * so both are counted.
 */
class FtraceCounter {
  readonly #one = new Counts();
  readonly #several = new Counts();
  readonly #asOne = new Exchanges(false, (each) => this.#one.add(each));
  readonly #asSeveral = new Exchanges(true, (each) => this.#several.add(each));
  readonly #instances = new Set<number>();
  #fastChannel = 0;

  take(record: FtraceRecord): void {
    if (record.event === "fast-channel") this.#fastChannel += 1;
    if (record.event === "dump" && record.instance !== null && this.#instances.size < 2) {
      this.#instances.add(record.instance);
    }
    this.#asOne.take(record);
    this.#asSeveral.take(record);
  }

  lost(events: number): void {
    this.#asOne.lost(events);
    this.#asSeveral.lost(events);
  }

  end() {
    this.#asOne.end();
    this.#asSeveral.end();
    const hasSeveral = this.#instances.size > 1;
    const { counts, count } = hasSeveral ? this.#several : this.#one;
    return { hasSeveral, counts, count, fastChannel: this.#fastChannel };
  }
}

/** What a trace holds, by what became of it: `answered`, `timed-out` …, `delayed`, `notification`, `rejected`. */
class Counts {
  readonly counts: Record<string, number> = {};
  count = 0;

  add(each: Observed): void {
    this.count += 1;
    this.#count(each.kind === "exchange" ? each.outcome : each.kind);
    if (each.kind === "exchange" && each.request === null) this.#count("without-request");
  }

  #count(name: string): void {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
  }
}

/** Reads all lines of a file; gives what is known of it then. */
function readLines(file: TraceFile, take: (line: Line) => void): TextFacts {
  const lines = linesOf(file.chunks());
  for (;;) {
    const next = lines.next();
    if (next.done === true) return next.value;
    take(next.value);
  }
}

/** Reads a file once more, and gives what a reader finds in it, as soon as it does. */
function* again<Found>(
  file: TraceFile,
  facts: TextFacts,
  readerOf: (give: (found: Found) => void) => {
    readonly line: (line: Line) => void;
    readonly end: () => void;
  },
  observation: (found: Found) => Observation,
): Generator<Observation, Problem | null> {
  let found: Found[] = [];
  const reader = readerOf((each) => found.push(each));
  const lines = linesOf(file.chunks());
  for (;;) {
    const next = lines.next();
    if (next.done === true) reader.end();
    else reader.line(next.value);
    if (found.length > 0) {
      for (const each of found) yield observation(each);
      found = [];
    }
    if (next.done !== true) continue;
    if (next.value.digest === facts.digest) return null;
    return problem("file-unreadable", { file: file.file, why: "it changed while it was read" });
  }
}

function imported(
  source: TraceImported["source"],
  { name }: TraceFile,
  { bytes, digest, lines }: TextFacts,
  { counts, faults }: Pick<TraceImported, "counts" | "faults">,
): TraceImported {
  const told = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
  return { source, file: name, bytes, digest, lines, counts: told, faults };
}

function scmiOf(each: Observed) {
  const { line, timeUs, task, protocolId, messageId, token, instance, channel, kind } = each;
  const common = { line, timeUs, task, protocolId, messageId, token, instance, channel, kind };
  if (each.kind !== "exchange") {
    const { status, payload } = each;
    return {
      ...common,
      endTimeUs: null,
      request: null,
      status,
      response: payload,
      outcome: null,
      errno: null,
    };
  }
  const { endTimeUs, request, response, outcome, errno } = each;
  const status = response?.status ?? null;
  return { ...common, endTimeUs, request, status, response: response?.payload ?? null, outcome, errno };
}

/** An agent that an event can be about; Xen prints -1 while it does not know. */
function agentOf(value: number | string | undefined): number | null {
  return typeof value === "number" && value >= 0 && value < 0xffff_ffff ? value : null;
}
