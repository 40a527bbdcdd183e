import { isProblem, type Problem } from "#base/problem.ts";
import { counted } from "#config/draft/notes.ts";
import { loadHost } from "#inputs/load-host.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";
import { Comparer, type Comparison } from "#traces/compare/compare.ts";
import { eachObserved } from "../logs/observed-log.ts";
import type { CommonOptions } from "../options.ts";
import { EXIT, print, printJson } from "../output.ts";

/** What is compared with what. */
export interface CompareVerbOptions extends CommonOptions {
  readonly db: string;
  readonly board: string;
  readonly agent?: number;
  readonly xlcfg?: readonly string[];
}

/** Plays what a log has of a real machine on a board in memory, and prints where the answers differ. */
export async function compare(options: CompareVerbOptions): Promise<Problem | null> {
  const description = await loadHost(options.board);
  if (isProblem(description)) return description;
  const xlcfgs: string[] = [];
  for (const file of options.xlcfg ?? []) {
    const xlcfg = await readXlCfg(file);
    if (isProblem(xlcfg)) return xlcfg;
    xlcfgs.push(xlcfg);
  }
  const comparer = Comparer.of(description, { agentId: options.agent ?? null, xlcfgs });
  if (isProblem(comparer)) return comparer;
  const fault = eachObserved(options.db, (event) => comparer.take(event));
  if (fault !== null) return fault;
  const result = comparer.result();
  if (options.json === true) await printJson(result);
  else await print(comparisonText(result));
  if (result.groups.length > 0) process.exitCode = EXIT.refused;
  return null;
}

function comparisonText(comparison: Comparison): string {
  const { played, same, different, unanswered, notPlayed, gaps, groups } = comparison;
  const lines: string[] = [];
  if (played > 0) {
    lines.push(
      `${played} requests played: ${same} answered alike, ${different} differently, ${unanswered} without an answer to compare`,
    );
  }
  for (const [kind, one, many] of MORE) {
    const { same: alike, different: others } = comparison[kind];
    if (alike + others > 0)
      lines.push(`${counted(alike + others, one, many)}: ${alike} alike, ${others} differently`);
  }
  for (const [reason, count] of Object.entries(notPlayed)) lines.push(`${count} not played: ${reason}`);
  const missing = Object.entries(gaps).map(([name, count]) => `${count} ${name}`);
  if (missing.length > 0)
    lines.push(`the traces have gaps, and what follows one may differ for it: ${missing.join(", ")}`);
  for (const { agentId, message, cause, count, first } of groups) {
    const { seq, line, request, board, model } = first;
    const times = count === 1 ? "once" : `${count} times`;
    const of = request === "" ? "" : `: ${request}`;
    lines.push("", `${agentId === null ? "" : `agent ${agentId}, `}${message}, ${times}: ${cause}`);
    lines.push(`  first: event ${seq}, line ${line}${of}`, `  board: ${board}`, `  model: ${model}`);
  }
  return lines.join("\n");
}

/** What is compared beside the answers, in words. */
const MORE = [
  ["delayed", "delayed response", "delayed responses"],
  ["notifications", "notification", "notifications"],
  ["xen", "line of Xen", "lines of Xen"],
] as const;
