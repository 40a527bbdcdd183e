import { Exchanges } from "#traces/ftrace/exchanges.ts";
import type { Observed } from "#traces/ftrace/observed.ts";
import { FtraceReader } from "#traces/ftrace/read-ftrace.ts";
import type { FtraceRecord } from "#traces/ftrace/records.ts";
import { type Line, linesOf, type TextFacts } from "#traces/lines.ts";
import { XenLogReader, type XenRecord } from "#traces/xen-log/read-xen-log.ts";

/** A text as a disk gives it: in pieces of so many bytes. */
export function* inPieces(text: string | Uint8Array, bytes = 1024 * 1024): Generator<Uint8Array> {
  const whole = typeof text === "string" ? new TextEncoder().encode(text) : text;
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
}

/** Hands every line on. */
function each(chunks: Iterable<Uint8Array>, take: (line: Line) => void): TextFacts {
  const lines = linesOf(chunks);
  for (;;) {
    const next = lines.next();
    if (next.done === true) return next.value;
    take(next.value);
  }
}

/** All that is read of a kernel's trace. */
export function readFtrace(text: string | Iterable<Uint8Array>) {
  const records: FtraceRecord[] = [];
  const reader = new FtraceReader((record) => records.push(record));
  const facts = each(typeof text === "string" ? inPieces(text) : text, (line) => reader.line(line));
  const { otherLines, repeated, lost, faults } = reader;
  return { records, otherLines, repeated, lost, damaged: faults.count, faults: faults.told, ...facts };
}

/** All exchanges and messages of some records. */
export function observedOf(records: readonly FtraceRecord[]): Observed[] {
  const instances = new Set(
    records.flatMap((record) => (record.event === "dump" ? (record.instance ?? []) : [])),
  );
  const found: Observed[] = [];
  const exchanges = new Exchanges(instances.size > 1, (observed) => found.push(observed));
  for (const record of records) exchanges.take(record);
  exchanges.end();
  return found;
}

/** All that is read of Xen's console. */
export function readXenLog(text: string | Iterable<Uint8Array>) {
  const records: XenRecord[] = [];
  const reader = new XenLogReader((record) => records.push(record));
  const facts = each(typeof text === "string" ? inPieces(text) : text, (line) => reader.line(line));
  const { otherLines, unknown, faults } = reader;
  return { records, otherLines, unknown, damaged: faults.count, faults: faults.told, ...facts };
}

/** What a text comes to in a log of traces, as it is put together while it is read. */
export function observedIn(text: string): Observed[] {
  const found: Observed[] = [];
  const exchanges = new Exchanges(false, (observed) => found.push(observed));
  const reader = new FtraceReader(
    (record) => exchanges.take(record),
    (events) => exchanges.lost(events),
  );
  each(inPieces(text), (line) => reader.line(line));
  exchanges.end();
  return found;
}
