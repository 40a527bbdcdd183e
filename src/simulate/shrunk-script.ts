import type { ShrinkReport } from "#replay/whatif/shrink.ts";
import { scriptLine } from "./script-text.ts";

/**
 * A shrunk log as a script for `simulate`, one command a line: its last line expects what should hold.
 *
 * @param file the log, for people
 */
export function shrunkScript({ kept, expect, bootSeq, to }: ShrinkReport, file: string): string {
  const note = `from ${file}, events ${bootSeq + 1} to ${to}: scmictl simulate --db ${file} --at ${bootSeq}`;
  const last = JSON.stringify({ do: "expect", expression: expect, note });
  return [...kept.map(scriptLine), last, ""].join("\n");
}
