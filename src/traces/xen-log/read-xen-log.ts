import { ERRNO } from "#base/errno.ts";
import { linesOf } from "../lines.ts";
import { type LineFault, LineFaults } from "../reading.ts";
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

/** What was read of Xen's console. */
export interface XenLogReading {
  readonly records: readonly XenRecord[];
  readonly lines: number;
  /** Lines of anything else. */
  readonly otherLines: number;
  /** Lines that speak of SCMI and cannot be made out, the first of them one by one. */
  readonly damaged: number;
  readonly faults: readonly LineFault[];
}

/** `(XEN)`, then perhaps a time in seconds since the start, or a date. */
const XEN_LINE = /\(XEN\) ?(?:\[\s*(?:(\d{1,10})\.(\d{3,9})|[^\]]{0,40})\] ?)?/g;
const OF_SCMI = /\bSCMI\b|\bxen,dom0-sci-agent-id|\bxen,sci_type|\bid=0x[0-9a-f]+ name=/i;
const TEXT_CHARACTERS = 300;

const NAMES = new Map<number, string>(Object.entries(ERRNO).map(([name, value]) => [value, name]));

/** Reads what Xen's mediator says on its console; lines of guests and of the rest of Xen are passed over. Never fails. */
export function readXenLog(text: string): XenLogReading {
  const records: XenRecord[] = [];
  const faults = new LineFaults();
  let lines = 0;
  let otherLines = 0;
  for (const { number, text: line } of linesOf(text)) {
    lines += 1;
    const found = messagesOf(line).filter(({ said }) => OF_SCMI.test(said));
    if (found.length === 0) {
      if (/\bscmi: |\bSCMI: /.test(line) && /XEN/.test(line))
        faults.add(number, "a message whose (XEN) is not whole");
      else otherLines += 1;
    }
    for (const { timeUs, said } of found) records.push(recordOf(number, timeUs, said));
  }
  return { records, lines, otherLines, damaged: faults.count, faults: faults.told };
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
