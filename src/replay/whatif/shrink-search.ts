import type { Command } from "#machine/commands/commands.ts";
import type { Checkpoint, Machine } from "#machine/machine.ts";
import type { MachineState } from "#machine/state/state.ts";
import type { Expression } from "../expression/compile.ts";
import type { Between } from "./plan.ts";

/** Commands that are played in all before a search ends with what it has: about a minute. */
const PLAYED_MAX = 3_000_000;
/** Groups of a kind of grouping that are tried; the largest. */
const GROUPS_MAX = 64;

/** A command of a log that may go, and groups that it is tried to go with. */
export interface Candidate {
  readonly command: Command;
  readonly groups: readonly string[];
}

/** How far a search is: how often it has played, and how many commands are left. */
export interface SearchProgress {
  readonly runs: number;
  readonly kept: number;
}

/** A place between two commands of a play. */
interface Place {
  readonly checkpoint: Checkpoint;
  readonly commandId: number;
  readonly timeUs: number;
}

/**
 * Looks for few commands after which an expression is still false. They are played on a machine that stands after a boot, stamped
 * as a simulation that is forked there stamps them, and taken back.
 *
 * What is behind a command is tried before it: then a try plays only what is left behind the place, and the machine is
 * taken back there, where playing from the boot each time would cost the square of the commands.
 */
export class ShrinkSearch {
  runs = 0;
  /** Whether it came to its end, and no command can be left out. */
  isMinimal = false;
  #playedLeft = PLAYED_MAX;
  readonly #runsMax: number;
  readonly #machine: Machine;
  readonly #expression: Expression;
  readonly #onProgress: (progress: SearchProgress) => void;
  #commandId: number;
  #timeUs: number;

  constructor(
    machine: Machine,
    { commandId, timeUs }: Between,
    expression: Expression,
    runsMax: number,
    onProgress: (progress: SearchProgress) => void,
  ) {
    this.#machine = machine;
    this.#expression = expression;
    this.#runsMax = runsMax;
    this.#onProgress = onProgress;
    this.#commandId = commandId;
    this.#timeUs = timeUs;
  }

  /**
   * The commands up to the first moment at which the expression is false, or null: there is none. What names a domain by its domid
   * names it by its name, where that comes to the same: else no domain before it could go.
   */
  shortestPrefix(commands: readonly Candidate[]): readonly Candidate[] | null {
    return this.#prefix(commands, byName) ?? this.#prefix(commands, (command) => command);
  }

  #prefix(
    commands: readonly Candidate[],
    written: (command: Command, state: MachineState) => Command,
  ): readonly Candidate[] | null {
    const start = this.#place();
    const prefix: Candidate[] = [];
    let isShown = this.#isShown();
    this.runs += 1;
    for (const { command, groups } of commands) {
      if (isShown) break;
      const candidate = { command: written(command, this.#machine.state), groups };
      this.#play(candidate.command);
      prefix.push(candidate);
      isShown = this.#isShown();
    }
    this.#backTo(start);
    return isShown ? prefix : null;
  }

  /** What is left of commands that show it: without any single one they do not, unless the search ended before. */
  smallest(shown: readonly Candidate[]): readonly Candidate[] {
    let kept = this.#withoutGroups(shown);
    for (
      let size = kept.length;
      size > 1 && this.#goesOn;
      size = Math.min(kept.length, Math.ceil(size / 2))
    ) {
      kept = this.#withoutRuns(kept, size);
    }
    // One that could not go may be free after another went.
    for (let before = -1; before !== kept.length && this.#goesOn; ) {
      before = kept.length;
      kept = this.#withoutRuns(kept, 1);
      this.isMinimal = before === kept.length && this.#goesOn;
    }
    return kept;
  }

  get #goesOn(): boolean {
    return this.#playedLeft > 0 && this.runs < this.#runsMax;
  }

  /** Without whole groups, the largest first: most of a log has nothing to do with what is looked for. */
  #withoutGroups(shown: readonly Candidate[]): readonly Candidate[] {
    let kept = shown;
    const kinds = shown[0]?.groups.length ?? 0;
    for (let by = 0; by < kinds; by += 1) {
      const counts = new Map<string, number>();
      for (const { groups } of kept) {
        const group = groups[by] as string;
        counts.set(group, (counts.get(group) ?? 0) + 1);
      }
      const largest = [...counts].sort(([, a], [, b]) => b - a).slice(0, GROUPS_MAX);
      for (const [group, count] of largest) {
        if (!this.#goesOn || count < 2) break;
        const rest = kept.filter(({ groups }) => groups[by] !== group);
        const start = this.#place();
        if (this.#shows(rest)) kept = rest;
        this.#backTo(start);
        this.#tell(kept.length);
      }
    }
    return kept;
  }

  /** Takes out every run of `size` commands that can go, from the last to the first. */
  #withoutRuns(commands: readonly Candidate[], size: number): readonly Candidate[] {
    const places: Place[] = [];
    for (const [i, { command }] of commands.entries()) {
      if (i % size === 0) places.push(this.#place());
      this.#play(command);
    }
    // From the last to the first, as it comes.
    const behind: Candidate[] = [];
    for (let run = places.length - 1; run >= 0; run -= 1) {
      this.#backTo(places[run] as Place);
      const isFree = this.#goesOn && this.#shows(backward(behind));
      this.#backTo(places[run] as Place);
      if (!isFree) behind.push(...commands.slice(run * size, (run + 1) * size).reverse());
      this.#tell(run * size + behind.length);
    }
    return behind.reverse();
  }

  #shows(commands: Iterable<Candidate>): boolean {
    this.runs += 1;
    for (const { command } of commands) this.#play(command);
    return this.#isShown();
  }

  #isShown(): boolean {
    return !this.#expression.holds(this.#machine.state);
  }

  #play(command: Command): void {
    this.#timeUs += 1;
    const stamp = { commandId: this.#commandId + 1, timeUs: this.#timeUs };
    const { events } = this.#machine.execute(command, stamp);
    if (events.length > 0) this.#commandId += 1;
    this.#playedLeft -= 1;
  }

  #place(): Place {
    return { checkpoint: this.#machine.checkpoint(), commandId: this.#commandId, timeUs: this.#timeUs };
  }

  #backTo({ checkpoint, commandId, timeUs }: Place): void {
    this.#machine.rollback(checkpoint);
    this.#commandId = commandId;
    this.#timeUs = timeUs;
  }

  #tell(kept: number): void {
    this.#onProgress({ runs: this.runs, kept });
  }
}

/** A command that names a domain by its name, where that is its alone. */
function byName(command: Command, { mediator: { domain } }: MachineState): Command {
  if (!("domain" in command) || typeof command.domain !== "number" || command.domain === 0) return command;
  const name = domain.get(command.domain)?.name;
  // A name of digits alone would be read as a domid.
  if (name === undefined || /^\d+$/.test(name)) return command;
  const others = domain.ids().filter((domid) => domain.at(domid).name === name);
  return others.length === 1 ? { ...command, domain: name } : command;
}

function* backward<T>(list: readonly T[]): Generator<T> {
  for (let i = list.length - 1; i >= 0; i -= 1) yield list[i] as T;
}
