import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import { Machine } from "#machine/machine.ts";
import type { Database } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { commandRuns } from "../command-runs.ts";
import { compileExpression } from "../expression/compile.ts";
import { sha256 } from "../hash.ts";
import { bootOutsidePack } from "../pack/read-pack.ts";
import { rebuildTo } from "../rebuild.ts";
import { type Between, bootOf, endOfCommand } from "./plan.ts";
import { recordedEvents } from "./recorded.ts";
import { isRefused } from "./refusal.ts";
import { type Candidate, type SearchProgress, ShrinkSearch } from "./shrink-search.ts";

/** Times that commands are played before the search ends, where nobody says. */
const RUNS_MAX = 100_000;

/** How far a search is; `commands`: how many it began with. */
export interface ShrinkProgress extends SearchProgress {
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
 * Takes commands away for as long as the expression is still false after the rest: by what they are and whom they name, then in ever
 * smaller runs, and at last one by one, on a machine in memory that stands after the host's boot.
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
  const bootEnd = reader.command(bootId)?.lastSeq ?? 0;
  const unreached = bootOutsidePack(db, bootEnd);
  if (unreached !== null) return unreached;
  const boot = endOfCommand(reader, bootEnd);
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
  const machine = new Machine(sha256, null, false);
  const fault = rebuildTo(machine, db, db.name, boot.seq);
  if (fault !== null) return fault;
  const search = new ShrinkSearch(machine, boot, expression, runsMax, (progress) =>
    onProgress?.({ ...progress, commands: commands.length }),
  );
  const shown = search.shortestPrefix(commands);
  if (shown === null) return unfit;
  const kept = search.smallest(shown).map(({ command }) => command);
  return {
    bootSeq: boot.seq,
    to: end.seq,
    expect,
    commands: end.commandId - boot.commandId,
    kept,
    isMinimal: search.isMinimal,
    runs: search.runs,
  };
}

function recordedCommands(
  db: Database,
  reader: LogReader,
  boot: Between,
  end: Between,
  prepare: (command: Command) => Command | null,
): Candidate[] | Problem {
  const commands: Candidate[] = [];
  for (const run of end.seq > boot.seq ? commandRuns(reader, boot, end) : []) {
    const recorded = recordedEvents(run);
    if (recorded === null) {
      return problem("log-damaged", {
        file: db.name,
        why: `the command of event ${run.firstSeq} cannot be read`,
      });
    }
    const command = prepare(recorded.command);
    if (command === null) continue;
    const refused = isRefused(command.kind, recorded.events) ? "refused" : "done";
    commands.push({ command, groups: [`${command.kind} ${refused}`, subjectOf(command)] });
  }
  return commands;
}

/** The domain or agent that a command names. */
function subjectOf(command: Command): string {
  if ("domain" in command) return `domain ${command.domain}`;
  if ("agentId" in command) return `agent ${command.agentId}`;
  return command.kind;
}
