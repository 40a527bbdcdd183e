import { readLines } from "./lines.ts";
import type { Simulation } from "./simulation.ts";

/**
 * Plays a script: each line is answered by one line before the next is read.
 *
 * @param write resolves when the answer is on its way
 */
export async function runScript(
  simulation: Simulation,
  chunks: AsyncIterable<string>,
  write: (text: string) => Promise<void>,
): Promise<void> {
  for await (const line of readLines(chunks)) {
    const answer = simulation.answer(line);
    if (answer !== null) await write(`${answer}\n`);
  }
}
