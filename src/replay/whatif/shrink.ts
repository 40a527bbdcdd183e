import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import { Machine } from "#machine/machine.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { commandRuns } from "../command-runs.ts";
import { compileExpression, type Expression } from "../expression/compile.ts";
import { sha256 } from "../hash.ts";
import { rebuildTo } from "../rebuild.ts";
import { type Between, bootOf, endOfCommand } from "./plan.ts";
import { recordedEvents } from "./recorded.ts";

/** Commands that are played in all before the search ends with what it has: about a minute. */
const PLAYED_MAX = 3_000_000;
/** Times that commands are played before the search ends, where nobody says. */
export const RUNS_MAX = 100_000;

/** How far a search is: how often it has played, and how many commands are left of those it began with. */
export interface ShrinkProgress {
  readonly runs: number;
  readonly kept: number;
  readonly commands: number;
}

/** What is to be shown with fewer commands. */
export interface ShrinkRequest {
  /** What should hold, and does not. */
  readonly expect: string;
  /** The moment at which it does not, rounded up to its command's end; left out: the log's head. */
  readonly to?: number | undefined;
  /** The command as the script will have it; null: no script can, and it is left out. */
  readonly prepare: (command: Command) => Command | null;
  /** The search ends after so many times of playing, with what it has. Default: {@link RUNS_MAX}. */
  readonly runsMax?: number | undefined;
  readonly onProgress?: ((progress: ShrinkProgress) => void) | undefined;
}

/** The fewest commands that still show it. */
export interface ShrinkReport {
  /** The last event of the host's boot: the script begins behind it. */
  readonly bootSeq: number;
  readonly to: number;
  readonly expect: string;
  /** Commands in the log between the two. */
  readonly commands: number;
  /** Those that are left, in order: without any one of them the expression holds, where the search came to its end. */
  readonly kept: readonly Command[];
  /** Whether the search came to its end: else there may be fewer. */
  readonly isMinimal: boolean;
  /** How often commands were played. */
  readonly runs: number;
}

/**
 * Takes commands away for as long as the expression is still false after the rest, in ever smaller runs and at last one by one,
 * each time from the host's boot on a machine in memory.
 *
 * @returns `expression-invalid`, `shrink-unfit` where the expression holds, `position-out-of-range`, `host-not-booted`, `log-damaged`
 */
export function shrink(db: Database, request: ShrinkRequest): ShrinkReport | Problem {
  const { expect, to, prepare, runsMax = RUNS_MAX, onProgress } = request;
  const expression = compileExpression(expect);
  if (isProblem(expression)) return expression;
  const reader = new LogReader(db);
  const headSeq = reader.headSeq();
  const position = to ?? headSeq;
  if (position < 0 || position > headSeq) return problem("position-out-of-range", { position, headSeq });
  const bootId = bootOf(db, reader, position);
  if (isProblem(bootId)) return bootId;
  const boot = endOfCommand(reader, reader.command(bootId)?.lastSeq ?? 0);
  const end = endOfCommand(reader, position);
  if (boot === undefined || end === undefined) {
    return problem("log-damaged", { file: db.name, why: `the command of event ${position} is missing` });
  }
  const lived = new Machine(sha256);
  const broken = rebuildTo(lived, db, db.name, end.seq);
  if (broken !== null) return broken;
  const unfit = problem("shrink-unfit", { expression: expect, position: end.seq });
  if (expression.holds(lived.state)) return unfit;
  const commands = recordedCommands(db, reader, boot, end, prepare);
  if (isProblem(commands)) return commands;
  const machine = new Machine(sha256);
  const fault = rebuildTo(machine, db, db.name, boot.seq);
  if (fault !== null) return fault;
  const search = new Search(machine, boot, expression, runsMax);
  const shown = search.shortestPrefix(commands);
  if (shown === null) return unfit;
  const kept = search.smallest(shown, (runs, { length }) =>
    onProgress?.({ runs, kept: length, commands: commands.length }),
  );
  return {
    bootSeq: boot.seq,
    to: end.seq,
    expect,
    commands: end.commandId - boot.commandId,
    kept,
    isMinimal: search.goesOn,
    runs: search.runs,
  };
}

function recordedCommands(
  db: Database,
  reader: LogReader,
  boot: Between,
  end: Between,
  prepare: (command: Command) => Command | null,
): Command[] | Problem {
  const commands: Command[] = [];
  for (const run of end.seq > boot.seq ? commandRuns(reader, boot, end) : []) {
    const recorded = recordedEvents(run);
    if (recorded === null) {
      return problem("log-damaged", {
        file: db.name,
        why: `the command of event ${run.firstSeq} cannot be read`,
      });
    }
    const command = prepare(recorded.command);
    if (command !== null) commands.push(command);
  }
  return commands;
}

/** Plays lists of commands from the same boot, stamped as a simulation that is forked there stamps them. */
class Search {
  runs = 0;
  #playedLeft = PLAYED_MAX;
  readonly #runsMax: number;
  readonly #machine: Machine;
  readonly #boot: Between;
  readonly #expression: Expression;

  constructor(machine: Machine, boot: Between, expression: Expression, runsMax: number) {
    this.#machine = machine;
    this.#boot = boot;
    this.#expression = expression;
    this.#runsMax = runsMax;
  }

  get goesOn(): boolean {
    return this.#playedLeft > 0 && this.runs < this.#runsMax;
  }

  /** The commands up to the first moment at which the expression is false, or null: it is not. */
  shortestPrefix(commands: readonly Command[]): readonly Command[] | null {
    let count = 0;
    let isShown = !this.#expression.holds(this.#machine.state);
    const holds = this.#play(commands, () => {
      isShown ||= !this.#expression.holds(this.#machine.state);
      if (!isShown) count += 1;
      return !isShown;
    });
    return holds ? null : isShown && count < commands.length ? commands.slice(0, count) : commands;
  }

  smallest(
    shown: readonly Command[],
    tell: (runs: number, kept: readonly Command[]) => void,
  ): readonly Command[] {
    let kept = shown;
    for (let size = kept.length; size > 0 && this.goesOn; ) {
      const before = kept.length;
      for (let at = kept.length - size; this.goesOn; at = Math.max(0, at - size)) {
        const rest = [...kept.slice(0, Math.max(at, 0)), ...kept.slice(Math.max(at, 0) + size)];
        if (!this.#play(rest)) kept = rest;
        tell(this.runs, kept);
        if (at <= 0) break;
      }
      // At single commands until none can go: one that could not may be free after another went.
      if (size > 1) size = Math.min(kept.length, Math.ceil(size / 2));
      else if (kept.length === before) break;
    }
    return kept;
  }

  /** Plays commands and takes them back. @returns whether the expression holds after them */
  #play(commands: readonly Command[], goesOn: () => boolean = () => true): boolean {
    const machine = this.#machine;
    const checkpoint = machine.checkpoint();
    this.runs += 1;
    let { commandId, timeUs } = this.#boot;
    for (const command of commands) {
      if (!goesOn()) break;
      timeUs += 1;
      const { events } = machine.execute(command, { commandId: commandId + 1, timeUs });
      if (events.length > 0) commandId += 1;
      this.#playedLeft -= 1;
    }
    const holds = this.#expression.holds(machine.state);
    machine.rollback(checkpoint);
    return holds;
  }
}
