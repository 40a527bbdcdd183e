import { counted, type NoteGroups } from "../draft/notes.ts";
import type { Word } from "./words.ts";

/** Commands that say how the firmware is built, of which SCMI shows nothing. */
const BUILD_COMMANDS = ["MAKE", "DOX", "BOARD", "DEBUG", "MIX"] as const;

/** Keys of commands: those that are read, and those that a board file has no words for. */
const KEYS: {
  readonly [command: string]: { readonly read: readonly string[]; readonly untold: readonly string[] };
} = {
  DOM: { read: ["name"], untold: ["did"] },
  LM: {
    read: ["name", "rpc", "boot", "default"],
    untold: ["did", "skip", "rtime", "safe", "group", "auto"],
  },
  MODE: { read: [], untold: ["msel", "boot", "skip"] },
  SCMI_AGENT: { read: ["name", "dup"], untold: ["secure", "did"] },
  MAILBOX: { read: ["sma"], untold: ["type", "mu", "test", "priority"] },
  CHANNEL: { read: ["rpc", "type"], untold: ["xport", "db", "check", "notify", "test", "sequence"] },
};

/** Why what a command says is not in the board file. */
const WHY: { readonly [command: string]: string } = {
  DOM: "domains of hardware access are not modelled",
  LM: "a board file has name and agents of a logical machine",
  MODE: "the model boots as mode 0 does",
  SCMI_AGENT: "a board file has name, channel and levels of an agent",
  MAILBOX: "the model's doorbells are SMC function ids",
  CHANNEL: "the model's channels are pages without checksums, and its queues have no end",
};

/** A line that begins with a command: `LM1 name="M7"` is command LM, number 1. */
export interface Command {
  readonly name: string;
  readonly number: number | null;
  readonly words: readonly Word[];
}

/** The command of a line, or null: it is about resources. */
export function commandOf(words: readonly Word[]): Command | null {
  const [first, ...rest] = words;
  if (first === undefined || first.value !== null) return null;
  if (Object.hasOwn(KEYS, first.name) || BUILD_COMMANDS.some((name) => name === first.name)) {
    const isNumbered = ["DOM", "LM", "SCMI_AGENT"].includes(first.name);
    return isNumbered ? null : { name: first.name, number: null, words: rest };
  }
  const [, name, digits] = /^(DOM|LM|SCMI_AGENT)(\d{1,6})$/.exec(first.name) ?? [];
  return name === undefined ? null : { name, number: Number(digits), words: rest };
}

/** Notes what of a command is not read. `subject` is what it is about: `agent 1 AP-S`. */
export function noteUntold(
  notes: NoteGroups,
  { name, words }: Command,
  subject: string,
  where: string,
): void {
  if (BUILD_COMMANDS.some((build) => build === name)) {
    notes.add("build", name, where, (count, shown) => {
      return `${counted(count, "command")} about the build of the firmware (${shown}) left out: a board file has no place for that`;
    });
    return;
  }
  const { read = [], untold = [] } = KEYS[name] ?? {};
  const left: string[] = [];
  for (const word of words) {
    const text = word.value === null ? word.name : `${word.name}=${word.value}`;
    if (untold.includes(word.name)) left.push(text);
    else if (!read.includes(word.name)) {
      const known = [...read, ...untold].join(", ");
      notes.say(where, `${name} has no key ${word.name}: the tool ignores ${text}; it knows ${known}`);
    }
  }
  for (const text of left) {
    notes.add(`${name} ${subject}`, text, where, (_, shown) => {
      return `${subject}: ${shown} of ${name} left out: ${WHY[name] ?? ""}`;
    });
  }
}
