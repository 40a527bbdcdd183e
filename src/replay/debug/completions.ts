import { EVENTS } from "#events/schemas.ts";
import { FINDING_KINDS } from "#machine/checks/findings.ts";
import type { MachineState } from "#machine/state/state.ts";
import { FUNCTIONS } from "../expression/functions.ts";
import { COMMAND_NAMES, commandNamed } from "./commands.ts";
import { BREAK_KEYS, type Vocabulary } from "./stops.ts";

/** What the last word of a line could go on to, and that word: as readline wants it. */
export function completions(line: string, state: MachineState, words: Vocabulary): [string[], string] {
  const typed = line.trimStart().split(/\s+/);
  const word = typed.at(-1) ?? "";
  const before = typed.at(-2) ?? "";
  const command = commandNamed(typed[0] ?? "");
  const candidates = typed.length < 2 ? COMMAND_NAMES : wordsOf(command, before, typed.length, state, words);
  return [candidates.filter((candidate) => candidate.startsWith(word)), word];
}

function wordsOf(
  command: string | undefined,
  before: string,
  count: number,
  state: MachineState,
  { commands, statuses }: Vocabulary,
): readonly string[] {
  if (command === "break") {
    if (count % 2 === 0) return BREAK_KEYS;
    if (before === "type") return Object.keys(EVENTS);
    if (before === "command") return [...new Set(commands)].sort();
    return before === "status" ? statuses : [];
  }
  const expressions = [
    ...state.tables().map(({ name }) => name.replaceAll("/", ".")),
    ...Object.keys(FUNCTIONS).map((name) => `${name}(`),
  ];
  if (command === "watch") {
    if (before === "finding") return FINDING_KINDS;
    return count === 2 ? ["finding", "findings", "violations", ...expressions] : expressions;
  }
  return command === "print" ? expressions : [];
}
