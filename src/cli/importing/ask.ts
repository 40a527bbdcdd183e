import { createInterface } from "node:readline/promises";

/** Something that no file says and a person may know. */
export interface Question {
  /** The option that answers it too: `name`. */
  readonly option: string;
  readonly text: string;
  /** What is taken where nothing is answered, as it is shown. */
  readonly fallback: string;
  /** Why an answer is none, in words; null: it is one. */
  readonly refuse: (answer: string) => string | null;
}

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Whether somebody sits there who could answer. */
export function isInteractive(options: { readonly ask?: boolean; readonly json?: boolean }): boolean {
  return (
    options.ask !== false &&
    options.json !== true &&
    process.stdin.isTTY === true &&
    process.stderr.isTTY === true
  );
}

/**
 * Asks each question until there is an answer, an empty one or the end of the input: both take the default.
 *
 * @returns the answers that were given, by option
 */
export async function ask(
  questions: readonly Question[],
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<ReadonlyMap<string, string>> {
  const answers = new Map<string, string>();
  const terminal = createInterface({ input, output });
  const lines = terminal[Symbol.asyncIterator]();
  try {
    for (const { option, text, fallback, refuse } of questions) {
      for (;;) {
        output.write(`${text} (--${option}) [${fallback}]: `);
        const line = await lines.next();
        const answer = line.done === true ? "" : line.value.trim();
        if (answer === "") break;
        const refusal = refuse(answer);
        if (refusal === null) {
          answers.set(option, answer);
          break;
        }
        output.write(`${refusal}\n`);
      }
    }
  } finally {
    terminal.close();
  }
  return answers;
}
