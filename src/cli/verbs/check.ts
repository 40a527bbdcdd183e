import type { Command } from "commander";
import { isProblem, type Problem } from "#base/problem.ts";
import { readGuest } from "#config/guest.ts";
import { loadHost } from "#inputs/load-host.ts";
import { readXlCfg } from "#inputs/read-xlcfg.ts";
import { type CommonOptions, several } from "../options.ts";
import { EXIT, print, printJson } from "../output.ts";

/** Something wrong with a configuration. Severity `E` fails or is unsafe, `W` surprises, `I` is advice. */
interface LintFinding {
  readonly rule: string;
  readonly severity: "E" | "W" | "I";
  readonly message: string;
  readonly file: string;
  readonly line: number | null;
  /** Path of the device-tree node at fault, or null. */
  readonly node: string | null;
}

interface CheckOptions extends CommonOptions {
  readonly board: string;
  readonly xlcfg?: readonly string[];
}

/** What loading finds; rules about what the configuration means come with the lint. */
export function addCheck(program: Command): void {
  program
    .command("check")
    .description("check a board file, its device tree and guests' xl.cfg before flashing them")
    .requiredOption("--board <file>", "the board file")
    .option("--xlcfg <file>", "a guest's configuration; may be repeated", several)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CheckOptions>();
      const findings = await check(options);
      if (options.json === true) await printJson({ findings });
      else for (const finding of findings) await print(findingText(finding));
      if (findings.some(({ severity }) => severity === "E")) process.exitCode = EXIT.refused;
      else if (options.json !== true && findings.length === 0) await print("no findings");
    });
}

async function check({ board, xlcfg = [] }: CheckOptions): Promise<LintFinding[]> {
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
  const line = /\bline (\d+)\b/.exec(detail)?.[1];
  return {
    rule: "LOAD",
    severity: "E",
    message: detail,
    file,
    line: line === undefined ? null : Number(line),
    node: null,
  };
}

function findingText({ rule, severity, message, file, line }: LintFinding): string {
  return `${severity} ${rule} ${file}${line === null ? "" : `:${line}`}: ${message}`;
}
