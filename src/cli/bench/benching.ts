import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { isProblem } from "#base/problem.ts";
import { note, print, printJson, refuse, table } from "../output.ts";
import { type BenchReport, type BenchRequest, bench } from "./measure.ts";
import { rate } from "./turns.ts";

/** Where logs lie when nobody says. */
const DEFAULT_DIR = "var";

export interface BenchOptions extends Partial<Pick<BenchRequest, "dir">>, Omit<BenchRequest, "dir"> {
  readonly db?: string;
  readonly json?: boolean;
}

/** Measures the disk of a folder, or that of a log, and tells what came of it. */
export async function benching({ dir, db, json, ...request }: BenchOptions): Promise<void> {
  const beside = db === undefined ? (existsSync(DEFAULT_DIR) ? DEFAULT_DIR : ".") : dirname(db);
  if (json !== true) note("measuring for some seconds; what else the machine does meanwhile counts too");
  const report = await bench({ dir: dir ?? beside, ...request });
  if (isProblem(report)) refuse(report);
  else if (json === true) await printJson(report);
  else await print(text(report));
}

function text({ dir, append, verify, stateAt, bytesPerEvent }: BenchReport): string {
  const disk = append[0]?.diskPerSecond ?? 0;
  const rows = [
    ...append.map(({ commands, perSecond, boundPerSecond, ofBound }) => [
      `append, ${commands} command${commands === 1 ? "" : "s"} a transaction`,
      rate(perSecond),
      rate(boundPerSecond),
      ofBound.toFixed(2),
    ]),
    [`verify ${verify.commands} commands`, rate(verify.perSecond), "", ""],
    ["… by one processor's time", rate(verify.perProcessorSecond), "", ""],
    [`state --at among ${stateAt.events} events, median`, ms(stateAt.medianMs), "", ""],
    ["… 99th percentile", ms(stateAt.p99Ms), "", ""],
  ];
  return [
    `in ${dir}: the disk syncs ${rate(disk)} writes of a page`,
    "",
    table(["what", "here", "the machine allows", "of that"], rows),
    "",
    `a forwarded SMC takes ${bytesPerEvent.toFixed(0)} bytes of the file`,
  ].join("\n");
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
