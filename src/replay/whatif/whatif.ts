import { toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Command } from "#machine/commands/commands.ts";
import { FaultList } from "#machine/fault-list.ts";
import { Machine } from "#machine/machine.ts";
import { stateView } from "#machine/state/snapshot.ts";
import { namesAt } from "#machine/views/names.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { type CommandRun, commandRuns } from "../command-runs.ts";
import { sha256 } from "../hash.ts";
import { type LeafDifference, leafDifferences } from "../json-diff.ts";
import { rebuildTo } from "../rebuild.ts";
import { eventTexts, type OutcomeDifference, outcomeDifference } from "./outcome.ts";
import { type Description, type Plan, type Play, planOf, type WhatIfRequest } from "./plan.ts";
import { recordedEvents } from "./recorded.ts";

/** Outcomes, and differences of the state, that a report lists; all are counted. */
const LISTED_MAX = 1000;

/** What came of a command in the fork, where that is not what happened. */
export interface ForkedOutcome {
  /** `gone`: it was skipped; `new`: it was inserted. */
  readonly verdict: "different" | "new" | "gone";
  /** Whether somebody asked for another command or board here: then the difference is no consequence. */
  readonly isChanged: boolean;
  readonly kind: string;
  /** The recorded command and its first event; null: there is none. */
  readonly commandId: number | null;
  readonly seq: number | null;
  /** The first difference, of those that are `different`. */
  readonly difference: OutcomeDifference | null;
  /** Its events in words: as recorded, and in the fork. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Why the fork refused it without recording anything. */
  readonly refusal: string | null;
}

/** What would have been otherwise. */
export interface WhatIfReport {
  /** The events between which the fork lies, at the ends of their commands. */
  readonly at: number;
  readonly to: number;
  /** Whether the fork was moved back to the host's configuration, because the board is another one. */
  readonly isFromBoot: boolean;
  /** Commands that were compared, by what came of them. */
  readonly same: number;
  readonly different: number;
  readonly new: number;
  readonly gone: number;
  /** The first outcome that differs as a consequence. */
  readonly first: ForkedOutcome | null;
  /** All that are not the same, in order; the first of them where there are too many. */
  readonly outcomes: readonly ForkedOutcome[];
  /** In what the state at the end differs: recorded, and as replayed in the fork. */
  readonly state: readonly LeafDifference[];
  readonly stateCount: number;
  readonly stateHash: string;
  readonly liveStateHash: string;
}

/**
 * Forks a log in memory, plays the recorded commands that follow with some of them changed, and compares what each comes to with
 * what happened. The log is only read. Commands keep their ids, times and seqs; what is inserted takes seqs and ids behind the log's.
 *
 * @returns `position-out-of-range`, `request-invalid` where a place is not in the fork, `host-not-booted` where there is no board to
 *   change, the board's refusal where the changed one cannot be run, `log-damaged`
 */
export function whatIf(db: Database, request: WhatIfRequest): WhatIfReport | Problem {
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
    const refusal = fork.play(plan, run, recorded.events, recorded.command, request.reconfigure);
    if (refusal !== null) return refusal;
    fork.insert(plan.inserts.get(run.end.commandId), run.timeUs);
  }

  const lived = new Machine(sha256);
  const broken = end.seq === 0 ? null : rebuildTo(lived, db, db.name, end.seq);
  if (broken !== null) return broken;
  const state = leafDifferences(stateView(lived.state), stateView(machine.state));
  return {
    at: start.seq,
    to: end.seq,
    isFromBoot: plan.reconfigured !== null,
    ...fork.counts,
    first: fork.firstConsequence,
    outcomes: fork.outcomes,
    state: state.slice(0, LISTED_MAX),
    stateCount: state.length,
    stateHash: toHex(machine.digest()),
    liveStateHash: toHex(lived.digest()),
  };
}

function damaged(db: Database, why: string): Problem {
  return problem("log-damaged", { file: db.name, why });
}

/** The machine that goes its own way, and what was otherwise on it. */
class Fork {
  readonly outcomes: ForkedOutcome[] = [];
  readonly counts = { same: 0, different: 0, new: 0, gone: 0 };
  firstConsequence: ForkedOutcome | null = null;
  readonly #machine: Machine;
  readonly #faults: FaultList;
  /** Last seq that a recorded command took: one that records more than it did pushes the next ones on. */
  #seq: number;
  /** Last ids that inserted commands took: behind the log's, so that nothing recorded has to move. */
  #insertedSeq: number;
  #insertedId: number;

  constructor(machine: Machine, faults: FaultList, reader: LogReader) {
    this.#machine = machine;
    this.#faults = faults;
    this.#seq = machine.seq;
    this.#insertedSeq = reader.headSeq();
    this.#insertedId = reader.headCommand();
  }

  /** Plays a recorded command, or what stands in for it; a refusal only of a board that cannot be run. */
  play(
    plan: Plan,
    run: CommandRun,
    before: readonly MachineEvent[],
    recorded: Command,
    reconfigure: ((description: Description) => Description | Problem) | undefined,
  ): Problem | null {
    const commandId = run.end.commandId;
    const place = { kind: recorded.kind, commandId, seq: run.firstSeq };
    if (plan.skips.has(commandId)) {
      this.#tell({
        ...place,
        verdict: "gone",
        isChanged: true,
        difference: null,
        ...this.#words(before, []),
      });
      return null;
    }
    let command = plan.changes.get(commandId) ?? recorded;
    const isReconfigured = plan.reconfigured === commandId && recorded.kind === "host.configure";
    if (isReconfigured && reconfigure !== undefined) {
      const description = reconfigure(recorded.description);
      if (isProblem(description)) return description;
      command = { ...recorded, description };
    }
    this.#moveTo(Math.max(run.firstSeq - 1, this.#seq));
    const { outcome, events } = this.#machine.execute(command, { commandId, timeUs: run.timeUs });
    if (isReconfigured && events.length === 0 && isProblem(outcome.result)) return outcome.result;
    this.#seq = this.#machine.seq;
    this.#machine.settle();
    // That the board is another one was asked for; what the boot made of it is the outcome.
    const [was, is] = isReconfigured ? [booting(before), booting(events)] : [before, events];
    const difference = outcomeDifference(was, is);
    if (difference === null) {
      this.counts.same += 1;
      return null;
    }
    const refusal = events.length === 0 && isProblem(outcome.result) ? outcome.result.detail : null;
    const isChanged = plan.changes.has(commandId);
    this.#tell({ ...place, verdict: "different", isChanged, difference, ...this.#words(was, is), refusal });
    return null;
  }

  insert(plays: readonly Play[] = [], timeUs: number): void {
    for (const play of plays) {
      this.#moveTo(this.#insertedSeq);
      if (play.kind === "below") {
        play.act(this.#machine, this.#faults);
        this.#machine.settle();
        continue;
      }
      const { command } = play;
      this.#insertedId += 1;
      const { outcome, events } = this.#machine.execute(command, { commandId: this.#insertedId, timeUs });
      this.#insertedSeq = this.#machine.seq;
      this.#machine.settle();
      const refusal = isProblem(outcome.result) ? outcome.result.detail : null;
      const place = { kind: command.kind, commandId: null, seq: null };
      this.#tell({
        ...place,
        verdict: "new",
        isChanged: true,
        difference: null,
        ...this.#words([], events),
        refusal,
      });
    }
  }

  #moveTo(seq: number): void {
    this.#machine.resume(seq, this.#machine.digest());
  }

  #tell(outcome: ForkedOutcome): void {
    this.counts[outcome.verdict] += 1;
    if (this.outcomes.length < LISTED_MAX) this.outcomes.push(outcome);
    if (outcome.verdict === "different" && !outcome.isChanged) this.firstConsequence ??= outcome;
  }

  #words(before: readonly MachineEvent[], after: readonly MachineEvent[]) {
    const names = namesAt(this.#machine.state, Number.MAX_SAFE_INTEGER);
    return { before: eventTexts(before, names), after: eventTexts(after, names), refusal: null };
  }
}

function booting(events: readonly MachineEvent[]): MachineEvent[] {
  return events.filter(({ type }) => type !== "host.configured");
}
