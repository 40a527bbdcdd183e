import { isProblem, type Problem } from "#base/problem.ts";
import { percentile } from "#cli/bench/turns.ts";
import { type Answer, DebugSession } from "#replay/debug/session.ts";
import { LogReader } from "#store/log-reader.ts";
import { opened, taken } from "./fold.ts";
import { report } from "./report.ts";

/** Steps back in a row: over several snapshots. */
const STEPS = 20_000;
/** Moments all over the log that are gone to, and one step back from each. */
const JUMPS = 200;

type Timed = Omit<ReturnType<typeof taken>, "result">;

const WORDS = { commands: [], statuses: [], timeUs: () => null };

/** What a debugging session on a long log costs: 99 of 100 steps back come within so many milliseconds. */
export function benchDebug(file: string): void {
  const db = opened(file);
  const head = new LogReader(db).headSeq();
  const session = new DebugSession(db, WORDS);
  done(session.command(`goto ${head}`));
  const steps = Array.from({ length: Math.min(STEPS, head) }, () => timed(session, "back"));
  const jumps: Timed[] = [];
  const backs: Timed[] = [];
  for (let i = 0; i < JUMPS; i += 1) {
    jumps.push(timed(session, `goto ${1 + ((i * 7919 * 131) % head)}`));
    backs.push(timed(session, "back"));
  }
  db.close();
  reportNearlyLast("debug, ms of a step back at the 99th percentile", steps, `${head} events`);
  reportNearlyLast("debug, ms of a step back after a jump, likewise", backs, `${JUMPS} jumps`);
  reportNearlyLast("debug, ms of a jump, likewise", jumps, `${JUMPS} jumps`);
}

function timed(session: DebugSession, line: string): Timed {
  const { result, ...times } = taken(() => session.command(line));
  done(result);
  return times;
}

/** 99 of 100 take so long: by processor time, and by the clock in the details. */
function reportNearlyLast(what: string, times: readonly Timed[], details: string): void {
  const byClock = percentile(
    times.map(({ ms }) => ms),
    0.99,
  );
  const byProcessor = times.map(({ cpuMs }) => cpuMs);
  report(what, percentile(byProcessor, 0.99), "≤ 20", `${byClock.toFixed(2)} by the clock, ${details}`);
}

function done(answer: Answer | Problem): void {
  if (isProblem(answer)) throw new Error(answer.detail);
}
