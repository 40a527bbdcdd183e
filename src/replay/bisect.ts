import { isProblem, type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import { unreadable } from "#store/damage.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader, segmentEvents } from "#store/log-reader.ts";
import { outsidePack } from "#store/packs.ts";
import { compileExpression, type Expression } from "./expression/compile.ts";
import { sha256 } from "./hash.ts";
import { rebuildTo } from "./rebuild.ts";
import { segmentsBehind } from "./segments.ts";

/** Flips that are named; the others are counted. */
const FLIPS_MAX = 1000;

/** What is looked for. */
export interface BisectRequest {
  /** A moment at which the expression holds, and one at which it does not; either may be the earlier. */
  readonly good: number;
  readonly bad: number;
  readonly expect: string;
}

/** An event that made an expression come to something else. */
export interface Flip {
  readonly seq: number;
  /** What it is since. */
  readonly holds: boolean;
}

/** Where an expression ceased to hold. */
export interface BisectReport {
  readonly good: number;
  readonly bad: number;
  readonly expect: string;
  /** Seq of the first event, on the way from the earlier moment to the later, that made it come to what it is there. */
  readonly firstSeq: number;
  /** Every event that changed it, in order; the first of them where there are too many. */
  readonly flips: readonly Flip[];
  readonly flipCount: number;
  /** Events that were folded: from the nearest state that is kept. One fold finds every flip, where halving would find one of them. */
  readonly events: number;
}

/**
 * The first event that makes an expression false (or true, where the good moment is the later one), and every other that changes
 * it in between. The log is folded once, and the expression asked after those events that touch a table it reads.
 *
 * @returns `expression-invalid`, `bisect-unfit` where it does not hold at `good` or holds at `bad`, `position-out-of-range`, `log-damaged`
 */
export function bisect(db: Database, { good, bad, expect }: BisectRequest): BisectReport | Problem {
  const expression = compileExpression(expect);
  if (isProblem(expression)) return expression;
  const headSeq = new LogReader(db).headSeq();
  for (const position of [good, bad]) {
    if (position < 0 || position > headSeq) return problem("position-out-of-range", { position, headSeq });
    const outside = outsidePack(db, position);
    if (outside !== null) return outside;
  }
  const [from, to] = good <= bad ? [good, bad] : [bad, good];
  const machine = new Machine(sha256);
  const fault = from === 0 ? null : rebuildTo(machine, db, db.name, from);
  if (fault !== null) return fault;
  const before = expression.holds(machine.state);
  const isForward = good <= bad;
  if (before !== isForward) {
    return problem("bisect-unfit", { expression: expect, position: from, found: before });
  }
  const walked = walk(machine, db, from, to, expression);
  if (isProblem(walked)) return walked;
  const { flips, flipCount } = walked;
  const [first] = flips;
  if (first === undefined || flipCount % 2 === 0) {
    return problem("bisect-unfit", { expression: expect, position: to, found: before });
  }
  return { good, bad, expect, firstSeq: first.seq, flips, flipCount, events: to - from };
}

function walk(
  machine: Machine,
  db: Database,
  from: number,
  to: number,
  expression: Expression,
): { readonly flips: readonly Flip[]; readonly flipCount: number } | Problem {
  const { state } = machine;
  const { journal } = state;
  const flips: Flip[] = [];
  let flipCount = 0;
  let holds = expression.holds(state);
  for (const segment of segmentsBehind(new LogReader(db), db.name, from, to)) {
    if (isProblem(segment)) return segment;
    for (const event of segmentEvents(segment, state.host.get(0)?.epoch ?? 0)) {
      if (isDamaged(event)) return unreadable(db.name, event);
      machine.apply(event);
      const isTouched = journal.cells.some(({ table }) => expression.reads(table.name));
      journal.clear();
      if (!isTouched) continue;
      const now = expression.holds(state);
      if (now === holds) continue;
      holds = now;
      flipCount += 1;
      if (flips.length < FLIPS_MAX) flips.push({ seq: event.seq, holds });
    }
    state.memory.beginCommand();
  }
  return { flips, flipCount };
}
