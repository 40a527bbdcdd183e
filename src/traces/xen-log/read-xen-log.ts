import { ERRNO } from "#base/errno.ts";
import type { Line } from "../lines.ts";
import { LineFaults, quoted } from "../reading.ts";
import { type FieldKind, XEN_MESSAGES } from "./messages.ts";

/** Something that Xen said about SCMI. */
export interface XenRecord {
  /** Number of the line, from 1. */
  readonly line: number;
  /** Time since Xen started in microseconds, where its console tells. */
  readonly timeUs: number | null;
  /** Name of the message, or `other`: it speaks of SCMI, and no table knows it. */
  readonly message: string;
  /** Its numbers; an errno by name, where it has one. */
  readonly fields: Readonly<Record<string, number | string>>;
  /** As it was printed, without prefix and time. */
  readonly text: string;
}

/** `(XEN)`, then perhaps a time in seconds since the start, or a date. */
const XEN_LINE = /\(XEN\) ?(?:\[\s*(?:(\d{1,10})\.(\d{3,9})|[^\]]{0,40})\] ?)?/g;
const OF_SCMI = /\bSCMI\b|\bxen,dom0-sci-agent-id|\bxen,sci_type|\bid=0x[0-9a-f]+ name=/i;
const TEXT_CHARACTERS = 300;

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, value]) => [value, name]));

/** Reads what Xen's mediator says on its console; lines of guests and of the rest of Xen are passed over. Never fails. */
export class XenLogReader {
  messages = 0;
  /** Messages that no table knows, the first of them one by one. */
  unknown = 0;
  /** Lines of anything else. */
  otherLines = 0;
  /** Lines that speak of SCMI and cannot be made out, the first of them one by one. */
  readonly faults = new LineFaults();
  readonly #take: (record: XenRecord) => void;

  constructor(take: (record: XenRecord) => void) {
    this.#take = take;
  }

  line({ number, text, isCut }: Line): void {
    const found = messagesOf(text).filter(({ said }) => OF_SCMI.test(said));
    if (isCut) this.faults.add(number, "longer than any console's lines: only its start was read");
    if (found.length === 0) {
      if (/\b(?:scmi|SCMI): /.test(text) && text.includes("XEN"))
        this.faults.add(number, "a message whose (XEN) is not whole");
      else if (!isCut) this.otherLines += 1;
    }
    for (const { timeUs, said } of found) {
      const record = recordOf(number, timeUs, said);
      this.messages += 1;
      if (record.message === "other") {
        this.unknown += 1;
        this.faults.tell(number, `nobody here knows what ${quoted(said)} means`);
      }
      this.#take(record);
    }
  }
}

interface Said {
  readonly timeUs: number | null;
  readonly said: string;
}

/** What Xen says on a line: more than once where a message did not end its own. */
function messagesOf(line: string): Said[] {
  if (!line.includes("(XEN)")) return [];
  const marks = [...line.matchAll(XEN_LINE)];
  return marks.map((mark, i) => ({
    timeUs:
      mark[1] === undefined
        ? null
        : Number(mark[1]) * 1_000_000 + Number((mark[2] ?? "").slice(0, 6).padEnd(6, "0")),
    said: line
      .slice(mark.index + mark[0].length, marks[i + 1]?.index ?? line.length)
      .trim()
      .slice(0, TEXT_CHARACTERS),
  }));
}

function recordOf(line: number, timeUs: number | null, text: string): XenRecord {
  for (const { name, pattern, fields } of XEN_MESSAGES) {
    const found = pattern.exec(text);
    if (found === null) continue;
    const values = fields.map(([field, kind], i) => [field, fieldValue(found[i + 1] ?? "", kind)] as const);
    return { line, timeUs, message: name, fields: Object.fromEntries(values), text };
  }
  return { line, timeUs, message: "other", fields: {}, text };
}

function fieldValue(text: string, kind: FieldKind): number | string {
  if (kind === "word") return text;
  const value = Number.parseInt(text, kind === "hex" ? 16 : 10);
  if (!Number.isSafeInteger(value)) return text;
  return kind === "errno" && value !== 0 ? (NAMES.get(Math.abs(value)) ?? value) : value;
}
