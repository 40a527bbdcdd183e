import { isProblem, type Problem } from "#base/problem.ts";
import { readGuest } from "#config/guest.ts";
import { loadHost } from "#inputs/load-host.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";

/** Something wrong with a configuration. Severity `E` fails or is unsafe, `W` surprises, `I` is advice. */
export interface LintFinding {
  readonly rule: string;
  readonly severity: "E" | "W" | "I";
  readonly message: string;
  readonly file: string;
  readonly line: number | null;
  /** Path of the device-tree node at fault, or null. */
  readonly node: string | null;
}

/** What is wrong with a board file, its device tree and guests' xl.cfg, as far as loading them tells. */
export async function check(board: string, xlcfg: readonly string[]): Promise<LintFinding[]> {
  const findings: LintFinding[] = [];
  const host = await loadHost(board);
  if (isProblem(host)) findings.push(loadFinding(host, board));
  const version = isProblem(host) ? "v10" : host.board.xen.version;
  for (const file of xlcfg) {
    const text = await readXlCfg(file);
    const guest = isProblem(text) ? text : readGuest(text, version);
    if (isProblem(guest)) findings.push(loadFinding(guest, file));
  }
  return findings;
}

function loadFinding({ detail }: Problem, file: string): LintFinding {
  const [, boardLine, xlcfgLine] = /\bline (\d+)\b|: (\d+):\d+: /.exec(detail) ?? [];
  const line = boardLine ?? xlcfgLine;
  return {
    rule: "LOAD",
    severity: "E",
    message: detail,
    file,
    line: line === undefined ? null : Number(line),
    node: null,
  };
}
