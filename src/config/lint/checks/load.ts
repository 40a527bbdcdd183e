import { type Check, inFile } from "../check.ts";

/** Files that could not be read at all. */
const unreadable: Check = ({ unreadable: files }, report) => {
  for (const { file, problem } of files) report("LOAD", inFile(file, lineOf(problem.detail)), problem);
};

export const LOAD_CHECKS: readonly Check[] = [unreadable];

/** The line that a refusal's text names, where it names one. */
function lineOf(detail: string): number | null {
  const [, line, column] = /\bline (\d+)\b|: (\d+):\d+: /.exec(detail) ?? [];
  const found = line ?? column;
  return found === undefined ? null : Number(found);
}
