import { endsWithinLine, linesOf } from "../lines.ts";
import { type LineFault, LineFaults } from "../reading.ts";
import { readPrefix } from "./prefix.ts";
import { EVENT_NAMES, readEvent } from "./read-event.ts";
import type { FtraceFormat, FtraceRecord } from "./records.ts";

/** What was read of a text that holds Linux' SCMI trace events. */
export interface FtraceReading {
  /** In the order of their lines. */
  readonly records: readonly FtraceRecord[];
  readonly formats: readonly FtraceFormat[];
  readonly lines: number;
  /** Lines of anything else. */
  readonly otherLines: number;
  /** Events that were there before, time and all: a console that printed its log again. */
  readonly repeated: number;
  /** Events that the tracer says it lost. */
  readonly lost: number;
  /** Events that cannot be read, the first of them one by one. */
  readonly damaged: number;
  readonly faults: readonly LineFault[];
  /** The text stops within a line: what the last one says may be cut. */
  readonly endsWithinLine: boolean;
}

const EVENT = new RegExp(`\\b(${EVENT_NAMES.join("|")}):`, "g");
/** A line that was cut in an event's name, or whose name lost letters. */
const REMAINS =
  /\bscmi_(?:xfer|msg|rx|fc)_?[a-z_]*\s*(?::|$)|\b(?:xfer_begin|xfer_end|xfer_response_wait|msg_dump|rx_done): /;
const LOST = /\[LOST (\d{1,12}) EVENTS\]|\[(\d{1,12}) EVENTS DROPPED\]/;
const WRITTEN = /^# entries-in-buffer\/entries-written: (\d{1,15})\/(\d{1,15})/;

/** Reads a trace, a report or a console: whatever is no event of SCMI is passed over, and counted. Never fails. */
export function readFtrace(text: string): FtraceReading {
  const records: FtraceRecord[] = [];
  const faults = new LineFaults();
  const formats = new Set<FtraceFormat>();
  const repeats = new Repeats(records);
  let lines = 0;
  let otherLines = 0;
  let lost = 0;
  for (const { number, text: line } of linesOf(text)) {
    lines += 1;
    const found = eventsOf(line);
    if (found.length === 0) {
      const gone = lostOf(line);
      lost += gone;
      if (gone === 0 && REMAINS.test(line)) faults.add(number, "an event whose name is not whole");
      else otherLines += 1;
    }
    for (const { name, before, body } of found) {
      const record = readEvent(name, body, { line: number, ...readPrefix(before) });
      if (record === null) {
        faults.add(number, `${name}: no kernel prints ${JSON.stringify(shortened(body))}`);
      } else if (!repeats.has(record)) {
        formats.add(record.format);
        records.push(record);
      }
    }
  }
  return {
    records,
    formats: [...formats].sort(),
    lines,
    otherLines,
    repeated: repeats.count,
    lost,
    damaged: faults.count,
    faults: faults.told,
    endsWithinLine: endsWithinLine(text),
  };
}

interface Found {
  readonly name: string;
  readonly before: string;
  readonly body: string;
}

/** The events that a line names: more than one where a writer was interrupted by another. */
function eventsOf(line: string): Found[] {
  if (!line.includes("scmi_")) return [];
  const marks = [...line.matchAll(EVENT)];
  return marks.map((mark, i) => ({
    name: mark[1] as string,
    before: line.slice(i === 0 ? 0 : endOf(marks[i - 1] as RegExpExecArray), mark.index),
    body: line.slice(endOf(mark), marks[i + 1]?.index ?? line.length),
  }));
}

function endOf(mark: RegExpExecArray): number {
  return mark.index + mark[0].length;
}

/** Events that the tracer says are missing, on a line that says so. */
function lostOf(line: string): number {
  const lost = LOST.exec(line);
  if (lost !== null) return Number(lost[1] ?? lost[2]);
  const written = WRITTEN.exec(line);
  return written === null ? 0 : Math.max(0, Number(written[2]) - Number(written[1]));
}

const SHOWN_CHARACTERS = 60;

function shortened(text: string): string {
  const shown = text.trim();
  return shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown;
}

/** Finds records that are there already. Only where time steps back is anything looked up. */
class Repeats {
  count = 0;
  readonly #records: readonly FtraceRecord[];
  #latestUs = -1;
  /** Records by what they say; those of the first so many are in it. */
  readonly #known = new Set<string>();
  #taken = 0;

  constructor(records: readonly FtraceRecord[]) {
    this.#records = records;
  }

  has(record: FtraceRecord): boolean {
    if (record.timeUs === null) return false;
    if (record.timeUs > this.#latestUs) {
      this.#latestUs = record.timeUs;
      return false;
    }
    for (; this.#taken < this.#records.length; this.#taken += 1) {
      this.#known.add(saying(this.#records[this.#taken] as FtraceRecord));
    }
    if (!this.#known.has(saying(record))) return false;
    this.count += 1;
    return true;
  }
}

function saying(record: FtraceRecord): string {
  return JSON.stringify({ ...record, line: 0 });
}
