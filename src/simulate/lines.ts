/** Longest line that is taken, as of a request's body. */
const LINE_CHARACTERS_MAX = 16 * 1024 * 1024;

/** A line of a script, or null: it was longer than is taken. */
export type ScriptLine = string | null;

/** The lines of a stream of text, each as soon as it is whole; the last needs no newline. */
export async function* readLines(chunks: AsyncIterable<string>): AsyncGenerator<ScriptLine> {
  let rest = "";
  let skipping = false;
  for await (const chunk of chunks) {
    const pieces = chunk.split("\n");
    for (const [i, piece] of pieces.entries()) {
      const isWhole = i < pieces.length - 1;
      if (!skipping) rest += piece;
      if (rest.length > LINE_CHARACTERS_MAX) {
        skipping = true;
        rest = "";
      }
      if (!isWhole) continue;
      yield skipping ? null : rest;
      skipping = false;
      rest = "";
    }
  }
  if (skipping) yield null;
  else if (rest !== "") yield rest;
}
