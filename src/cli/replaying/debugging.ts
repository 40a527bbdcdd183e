import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { microseconds } from "#api/position.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { type Answer, DebugSession } from "#replay/debug/session.ts";
import type { Vocabulary } from "#replay/debug/stops.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import { openForReading } from "#store/database.ts";
import { note, print, refuse } from "../output.ts";

/** What a debugging session is opened with. */
export interface DebugOptions {
  readonly db: string;
  /** A file of commands; true: standard input. */
  readonly batch?: string | true;
  readonly at?: string;
  readonly json?: boolean;
}

/** The names of SCMI as breakpoints take them, and times as every verb does. */
const VOCABULARY: Vocabulary = {
  commands: PROTOCOLS.flatMap((table) => commandsOf(table).map(({ name }) => name)),
  statuses: Object.keys(SCMI_STATUS),
  timeUs: microseconds,
};

/** Moves that an empty line does once more, as debuggers do. */
const REPEATED = /^\s*(?:s|step|b|back|c|continue|rc|reverse-continue)\b/;

/** A debugging session: at a terminal, or of commands that are read line by line. */
export async function debug(options: DebugOptions): Promise<void> {
  const db = openForReading(options.db);
  if (isProblem(db)) {
    refuse(db);
    return;
  }
  try {
    const session = new DebugSession(db, VOCABULARY);
    const start = session.command(`goto ${options.at ?? session.begin}`);
    if (isProblem(start)) {
      refuse(start);
      return;
    }
    const { batch } = options;
    if (batch === undefined && process.stdin.isTTY) await talk(session, start);
    else await obey(session, batch === true || batch === undefined ? "-" : batch, options.json === true);
  } finally {
    db.close();
  }
}

/** Commands of a file or of standard input (`-`), each echoed before its answer; `#` begins a comment line. */
async function obey(session: DebugSession, file: string, isJson: boolean): Promise<void> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (/^\s*(?:#|$)/.test(line)) continue;
      const answer = session.command(line);
      if (isProblem(answer)) {
        // Quoted: whatever came in goes to no terminal as it is.
        note(`scmictl: line ${number}: ${JSON.stringify(line.trim().slice(0, 200))}`);
        refuse(answer);
        return;
      }
      await tell(line.trim(), answer, isJson);
      if (session.hasQuit) return;
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    refuse(problem("file-unreadable", { file, why: message }));
  } finally {
    lines.close();
  }
}

async function tell(command: string, { text, json }: Answer, isJson: boolean): Promise<void> {
  if (isJson) {
    await print(JSON.stringify({ command, ...json }));
    return;
  }
  await print(`> ${command}`);
  if (text !== "") await print(text);
}

/** Asks at the terminal, with history and completion, until `quit`, or the end of what is typed. */
async function talk(session: DebugSession, start: Answer): Promise<void> {
  await print(`${start.text}; help lists the commands`);
  const terminal = createInterface({
    input: process.stdin,
    output: process.stdout,
    historySize: 1000,
    removeHistoryDuplicates: true,
    completer: (line: string) => session.complete(line),
  });
  let repeated = "";
  const prompt = () => {
    terminal.setPrompt(`(${session.at}) `);
    terminal.prompt();
  };
  terminal.on("SIGINT", () => terminal.close());
  prompt();
  for await (const typed of terminal) {
    const line = typed.trim() === "" ? repeated : typed;
    repeated = REPEATED.test(line) ? line : "";
    if (line !== "") {
      const answer = interruptible(() => session.command(line));
      if (isProblem(answer)) complain(answer);
      else if (answer.text !== "") await print(answer.text);
    }
    if (session.hasQuit) break;
    prompt();
  }
  terminal.close();
  // What is typed next, in a shell, begins on a line of its own.
  if (!session.hasQuit) await print("");
}

/** Going over a long log takes its time: meanwhile the terminal sends ctrl-C as a signal, which ends the program, instead of a key. */
function interruptible<T>(work: () => T): T {
  process.stdin.setRawMode(false);
  try {
    return work();
  } finally {
    process.stdin.setRawMode(true);
  }
}

/** A refusal at the terminal: the session goes on. */
function complain({ detail, hint }: Problem): void {
  note(detail);
  if (hint !== "") note(`hint: ${hint}`);
}
