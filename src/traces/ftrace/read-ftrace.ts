import type { Line } from "../lines.ts";
import { LineFaults, quoted } from "../reading.ts";
import { readPrefix } from "./prefix.ts";
import { EVENT_NAMES, readEvent } from "./read-event.ts";
import type { FtraceRecord } from "./records.ts";
import { Repeats } from "./repeats.ts";

const EVENT = new RegExp(`\\b(${EVENT_NAMES.join("|")}):`, "g");
/** A line that was cut in an event's name, or whose name lost letters. */
const REMAINS =
  /\bscmi_(?:xfer|msg|rx|fc)_?[a-z_]*\s*(?::|$)|\b(?:xfer_begin|xfer_end|xfer_response_wait|msg_dump|rx_done): /;
/** The tracer's own words, with a count where it knows one, and the kernel's of its console. */
const LOST =
  /\[LOST (?:(\d{1,12}) )?EVENTS\]|\[(?:(\d{1,12}) )?EVENTS DROPPED\]|\*\* (\d{1,12}) printk messages dropped/;
const WRITTEN = /^# entries-in-buffer\/entries-written: (\d{1,15})\/(\d{1,15})/;

/**
 * Reads a trace, a report or a console, line by line: whatever is no event of SCMI is passed over, and counted. Never fails, and keeps no
 * more than the last records.
 */
export class FtraceReader {
  /** Lines of anything else. */
  otherLines = 0;
  /** Events that were there before, time and all: a console that printed its log again. */
  repeated = 0;
  /** Events that the tracer says it lost. */
  lost = 0;
  /** Events that cannot be read, the first of them one by one. */
  readonly faults = new LineFaults();
  readonly #repeats = new Repeats();
  readonly #take: (record: FtraceRecord) => void;
  readonly #lost: (events: number) => void;

  /**
   * @param take is given each record, in the order of their lines
   * @param lost is told where the tracer says that it lost events, how many
   */
  constructor(take: (record: FtraceRecord) => void, lost: (events: number) => void = () => undefined) {
    this.#take = take;
    this.#lost = lost;
  }

  line({ number, text, isCut }: Line): void {
    const found = eventsOf(text);
    if (isCut) this.faults.add(number, "longer than any tracer's lines: only its start was read");
    if (found.length === 0) {
      const gone = lostOf(text);
      this.lost += gone;
      if (gone > 0) this.#lost(gone);
      if (gone === 0 && REMAINS.test(text)) this.faults.add(number, "an event whose name is not whole");
      else if (!isCut) this.otherLines += 1;
    }
    for (const { name, before, body } of found) {
      const record = readEvent(name, body, { line: number, ...readPrefix(before) });
      if (record === null) this.faults.add(number, `${name}: no kernel prints ${quoted(body)}`);
      else if (this.#repeats.has(record)) this.repeated += 1;
      else this.#take(record);
    }
  }
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
  if (lost !== null) return Number(lost[1] ?? lost[2] ?? lost[3] ?? 1);
  const written = WRITTEN.exec(line);
  return written === null ? 0 : Math.max(0, Number(written[2]) - Number(written[1]));
}
