import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { FaultList } from "#machine/fault-list.ts";
import { Machine } from "#machine/machine.ts";
import { stateView } from "#machine/state/snapshot.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { commandRuns } from "../command-runs.ts";
import { shortened } from "../divergence.ts";
import { sha256 } from "../hash.ts";
import { leafDifferences } from "../json-diff.ts";
import { rebuildTo } from "../rebuild.ts";
import { Fork } from "./fork.ts";
import { planOf, type WhatIfRequest } from "./plan.ts";
import { recordedEvents } from "./recorded.ts";
import { LISTED_MAX, type WhatIfReport } from "./report.ts";

/** Commands between two tellings of how far it is. */
const TOLD_EVERY = 1000;

/**
 * Forks a log in memory, plays the recorded commands that follow with some of them changed, and compares what each comes to with
 * what happened. The log is only read. Commands keep their ids, times and seqs; what is inserted takes seqs and ids behind the log's.
 *
 * @returns `position-out-of-range`, `request-invalid` where a place is not in the fork, `host-not-booted` where there is no board to
 *   change, the board's refusal where the changed one cannot be run, `log-damaged`
 */
export function whatIf(
  db: Database,
  request: WhatIfRequest,
  onProgress: (done: number, total: number) => void = () => undefined,
): WhatIfReport | Problem {
  const reader = new LogReader(db);
  const plan = planOf(db, request);
  if (isProblem(plan)) return plan;
  const { start, end } = plan;
  const faults = new FaultList();
  const machine = new Machine(sha256, faults);
  const fault = start.seq === 0 ? null : rebuildTo(machine, db, db.name, start.seq);
  if (fault !== null) return fault;
  const recorded = reader.command(start.commandId)?.digest;
  if (recorded !== undefined && toHex(recorded) !== toHex(machine.digest())) {
    return damaged(db, `the state after event ${start.seq} is not the one that was recorded`);
  }

  const fork = new Fork(machine, faults, reader);
  fork.insert(plan.inserts.get(start.commandId), start.timeUs);
  for (const run of end.seq > start.seq ? commandRuns(reader, start, end) : []) {
    const recorded = recordedEvents(run);
    if (recorded === null) return damaged(db, `the command of event ${run.firstSeq} cannot be read`);
    const refusal = fork.play(plan, run, recorded.events, recorded.command, request.reconfigure ?? {});
    if (refusal !== null) return refusal;
    fork.insert(plan.inserts.get(run.end.commandId), run.timeUs);
    const played = run.end.commandId - start.commandId;
    if (played % TOLD_EVERY === 0) onProgress(played, end.commandId - start.commandId);
  }

  const lived = new Machine(sha256);
  const broken = end.seq === 0 ? null : rebuildTo(lived, db, db.name, end.seq);
  if (broken !== null) return broken;
  const state = leafDifferences(stateView(lived.state), stateView(machine.state));
  return {
    at: start.seq,
    to: end.seq,
    isFromBoot: plan.reconfigured !== null,
    ...fork.tallies.all,
    kinds: fork.tallies.kinds(),
    first: fork.firstConsequence,
    outcomes: fork.outcomes,
    state: state.slice(0, LISTED_MAX).map(({ path, recorded, replayed }) => ({
      path,
      recorded: shortened(recorded),
      replayed: shortened(replayed),
    })),
    stateCount: state.length,
    stateHash: toHex(machine.digest()),
    liveStateHash: toHex(lived.digest()),
  };
}

function damaged(db: Database, why: string): Problem {
  return problem("log-damaged", { file: db.name, why });
}
