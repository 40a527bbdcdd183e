import { isProblem, type Problem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { FaultList } from "#machine/fault-list.ts";
import type { Machine } from "#machine/machine.ts";
import { namesAt } from "#machine/views/names.ts";
import type { LogReader } from "#store/log-reader.ts";
import type { CommandRun } from "../command-runs.ts";
import { Domids } from "./domids.ts";
import { eventTexts, outcomeDifference } from "./outcome.ts";
import type { Plan, Play, Reconfiguration } from "./plan.ts";
import { isRefused } from "./refusal.ts";
import { type ForkedOutcome, LISTED_MAX, Tallies } from "./report.ts";

/** The machine that goes its own way, and what was otherwise on it. */
export class Fork {
  readonly outcomes: ForkedOutcome[] = [];
  readonly tallies = new Tallies();
  firstConsequence: ForkedOutcome | null = null;
  readonly #machine: Machine;
  readonly #faults: FaultList;
  readonly #domids: Domids;
  /** Last seq that a recorded command took: one that records more than it did pushes the next ones on. */
  #seq: number;
  /** Last ids that inserted commands took: behind the log's, so that nothing recorded has to move. */
  #insertedSeq: number;
  #insertedId: number;

  constructor(machine: Machine, faults: FaultList, reader: LogReader) {
    this.#machine = machine;
    this.#faults = faults;
    this.#domids = new Domids(machine);
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
    reconfigure: Reconfiguration,
  ): Problem | null {
    const commandId = run.end.commandId;
    const place = { kind: recorded.kind, commandId, seq: run.firstSeq };
    if (plan.skips.has(commandId)) {
      const words = { ...this.#words(before, []), difference: null, refusal: null };
      this.#tell({ ...place, verdict: "gone", isChanged: true, ...words });
      return null;
    }
    let command = plan.changes.get(commandId) ?? recorded;
    const isReconfigured = plan.reconfigured === commandId && recorded.kind === "host.configure";
    if (isReconfigured) {
      const other = reconfigured(recorded, reconfigure);
      if (isProblem(other)) return other;
      command = other;
    }
    this.#moveTo(Math.max(run.firstSeq - 1, this.#seq));
    const timeUs = plan.times.get(commandId) ?? run.timeUs;
    const { outcome, events } = this.#domids.kept(command, before, () =>
      this.#machine.execute(command, { commandId, timeUs }),
    );
    if (isReconfigured && events.length === 0 && isProblem(outcome.result)) return outcome.result;
    this.#seq = this.#machine.seq;
    this.#machine.settle();
    // That the board is another one was asked for; what the boot made of it is the outcome.
    const [was, is] = isReconfigured ? [booting(before), booting(events)] : [before, events];
    const difference = outcomeDifference(was, is);
    if (difference === null) {
      this.tallies.add(recorded.kind, "same");
      return null;
    }
    const verdict =
      isRefused(command.kind, events) && !isRefused(recorded.kind, before) ? "refused" : "different";
    const refusal = events.length === 0 && isProblem(outcome.result) ? outcome.result.detail : null;
    const isChanged = plan.changes.has(commandId) || plan.times.has(commandId);
    this.#tell({ ...place, verdict, isChanged, difference, ...this.#words(was, is), refusal });
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
      const { outcome, events } = this.#domids.kept(command, [], () =>
        this.#machine.execute(command, { commandId: this.#insertedId, timeUs }),
      );
      this.#insertedSeq = this.#machine.seq;
      this.#machine.settle();
      const refusal = isProblem(outcome.result) ? outcome.result.detail : null;
      const place = { kind: command.kind, commandId: null, seq: null };
      const words = { ...this.#words([], events), difference: null, refusal };
      this.#tell({ ...place, verdict: "new", isChanged: true, ...words });
    }
  }

  #moveTo(seq: number): void {
    if (this.#machine.seq !== seq) this.#machine.resume(seq, this.#machine.digest());
  }

  #tell(outcome: ForkedOutcome): void {
    this.tallies.add(outcome.kind, outcome.verdict);
    if (this.outcomes.length < LISTED_MAX) this.outcomes.push(outcome);
    const isConsequence = outcome.difference !== null && !outcome.isChanged;
    if (isConsequence) this.firstConsequence ??= outcome;
  }

  #words(before: readonly MachineEvent[], after: readonly MachineEvent[]) {
    const names = namesAt(this.#machine.state, Number.MAX_SAFE_INTEGER);
    return { before: eventTexts(before, names), after: eventTexts(after, names) };
  }
}

/** The command that configures a host, with another board or other rules. */
function reconfigured(
  recorded: Extract<Command, { kind: "host.configure" }>,
  { describe, rules }: Reconfiguration,
): Command | Problem {
  const description = describe?.(recorded.description) ?? recorded.description;
  if (isProblem(description)) return description;
  return { ...recorded, description, ...(rules === undefined ? {} : { ruleVersion: rules }) };
}

function booting(events: readonly MachineEvent[]): MachineEvent[] {
  return events.filter(({ type }) => type !== "host.configured");
}
