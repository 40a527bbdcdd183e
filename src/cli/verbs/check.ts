import type { Command } from "commander";
import type { LintFinding } from "../checking.ts";
import { type CommonOptions, several } from "../options.ts";
import { EXIT, print, printJson } from "../output.ts";

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
      const { check } = await import("../checking.ts");
      const findings = await check(options.board, options.xlcfg ?? []);
      if (options.json === true) await printJson({ findings });
      else for (const finding of findings) await print(findingText(finding));
      if (findings.some(({ severity }) => severity === "E")) process.exitCode = EXIT.refused;
      else if (options.json !== true && findings.length === 0) await print("no findings");
    });
}

function findingText({ rule, severity, message, file, line }: LintFinding): string {
  return `${severity} ${rule} ${file}${line === null ? "" : `:${line}`}: ${message}`;
}
