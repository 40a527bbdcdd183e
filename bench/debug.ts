import { isProblem, type Problem } from "#base/problem.ts";
import { type Answer, DebugSession } from "#replay/debug/session.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { report } from "./report.ts";

/** Steps back in a row: over several snapshots. */
const STEPS = 20_000;
/** Moments all over the log that are gone to, and one step back from each. */
const JUMPS = 200;

const WORDS = { commands: [], statuses: [], timeUs: () => null };

/** What a debugging session on a long log costs: 99 of 100 steps back come within so many milliseconds. */
export function benchDebug(file: string): void {
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const head = new LogReader(db).headSeq();
  const session = new DebugSession(db, WORDS);
  done(session.command(`goto ${head}`));
  const steps = Array.from({ length: Math.min(STEPS, head) }, () => timed(session, "back"));
  const jumps: number[] = [];
  const backs: number[] = [];
  for (let i = 0; i < JUMPS; i += 1) {
    jumps.push(timed(session, `goto ${1 + ((i * 7919 * 131) % head)}`));
    backs.push(timed(session, "back"));
  }
  db.close();
  const slowest = `slowest ${Math.max(...steps).toFixed(1)} ms`;
  report(
    "debug, ms of a step back at the 99th percentile",
    nearlyLast(steps),
    "≤ 20",
    `${head} events, ${slowest}`,
  );
  report("debug, ms of a step back after a jump, likewise", nearlyLast(backs), "≤ 20", `${JUMPS} jumps`);
  report("debug, ms of a jump, likewise", nearlyLast(jumps), "≤ 100", `${JUMPS} jumps`);
}

function timed(session: DebugSession, line: string): number {
  const began = performance.now();
  done(session.command(line));
  return performance.now() - began;
}

function done(answer: Answer | Problem): void {
  if (isProblem(answer)) throw new Error(answer.detail);
}

function nearlyLast(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
}
