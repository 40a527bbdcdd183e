import { isProblem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import { type Database, openForReading } from "#store/database.ts";
import { isDamaged, type LogReader, segmentEvents } from "#store/log-reader.ts";

const SEGMENT_EVENTS = 1000;

/** A log that is only read. */
export function opened(file: string): Database {
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  return db;
}

/** The bare fold: every event decoded and applied, and the digest kept, without looking back. */
export function fold(reader: LogReader): void {
  const machine = new Machine(sha256);
  const head = reader.headSeq();
  let at = 0;
  while (at < head) {
    const segment = reader.segment(at, SEGMENT_EVENTS);
    const mark = machine.state.journal.mark();
    for (const event of segmentEvents(segment, machine.state.host.get(0)?.epoch ?? 0)) {
      if (isDamaged(event)) throw new Error(event.fault);
      machine.apply(event);
    }
    machine.endCommand(mark);
    machine.settle();
    at += segment.count;
  }
}

/** How many units a second some work does, by the clock. */
export function perSecond(units: number, work: () => unknown): number {
  const started = performance.now();
  work();
  return (units * 1000) / (performance.now() - started);
}

/** What some work takes, by the clock and by the processor's time: neighbours change that less. */
export function taken<T>(work: () => T): { readonly result: T; readonly ms: number; readonly cpuMs: number } {
  const used = process.cpuUsage();
  const began = performance.now();
  const result = work();
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  return { result, ms, cpuMs: (user + system) / 1000 };
}
