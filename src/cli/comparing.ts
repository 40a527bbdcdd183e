import { isProblem, type Problem, problem } from "#base/problem.ts";
import { loadHost } from "#inputs/load-host.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";
import { type Database, openForReading } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { Comparer, type Comparison } from "#traces/compare/compare.ts";
import { EXIT, print, printJson } from "./output.ts";
import type { CompareVerbOptions } from "./verbs/compare.ts";

const EVENTS_AT_ONCE = 1000;

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
  const db = openForReading(options.db);
  if (isProblem(db)) return db;
  try {
    const fault = play(db, options.db, comparer);
    if (fault !== null) return fault;
  } finally {
    db.close();
  }
  const result = comparer.result();
  if (options.json === true) await printJson(result);
  else await print(comparisonText(result));
  if (result.groups.length > 0) process.exitCode = EXIT.refused;
  return null;
}

function play(db: Database, file: string, comparer: Comparer): Problem | null {
  const reader = new LogReader(db);
  let found = 0;
  for (let at = 0; ; ) {
    const events = reader.events(at, EVENTS_AT_ONCE);
    for (const event of events) {
      if (isDamaged(event)) {
        return problem("log-damaged", { file, why: `event ${event.seq}: ${event.fault}` });
      }
      at = event.seq;
      if (event.type === "trace.imported") comparer.begin(event.data);
      if (event.type === "scmi.observed") {
        comparer.take({ seq: event.seq, agentId: event.agentId, observed: event.data });
      } else if (event.type === "xen.observed") comparer.takeXen(event.seq, event.data);
      else continue;
      found += 1;
    }
    if (events.length === 0) break;
  }
  if (found > 0) return null;
  return problem("log-not-a-log", {
    file,
    why: "nothing in it was observed on a real machine; import ftrace and import xen-log make such logs",
  });
}

function comparisonText(comparison: Comparison): string {
  const { played, same, different, unanswered, notPlayed, gaps, groups } = comparison;
  const lines: string[] = [];
  if (played > 0) {
    lines.push(
      `${played} requests played: ${same} answered alike, ${different} differently, ${unanswered} without an answer to compare`,
    );
  }
  for (const [kind, what] of MORE) {
    const { same: alike, different: others } = comparison[kind];
    if (alike + others > 0) lines.push(`${alike + others} ${what}: ${alike} alike, ${others} differently`);
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
  ["delayed", "delayed responses"],
  ["notifications", "notifications"],
  ["xen", "lines of Xen"],
] as const;
