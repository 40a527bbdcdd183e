/** A line of a text, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a console's colours look like
const ESCAPES = /\u001b\[[0-9;?]*[A-Za-z]/g;

/** The lines of what a console or a tracer wrote: LF or CR LF ends them, and what coloured them is left out. */
export function* linesOf(text: string): Generator<Line> {
  let number = 0;
  for (let at = 0; at < text.length; ) {
    const found = text.indexOf("\n", at);
    const end = found === -1 ? text.length : found;
    number += 1;
    const raw = text.slice(at, end).replace(/\r+$/, "");
    yield { number, text: raw.includes("\u001b") ? raw.replace(ESCAPES, "") : raw };
    at = end + 1;
  }
}

/** Whether a text stops within a line. */
export function endsWithinLine(text: string): boolean {
  return text !== "" && !text.endsWith("\n");
}
