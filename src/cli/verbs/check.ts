import { type Command, InvalidArgumentError } from "commander";
import { type CommonOptions, several } from "../options.ts";
import { EXIT, note, print, printJson } from "../output.ts";

const FORMATS = ["text", "json", "sarif"] as const;
type Format = (typeof FORMATS)[number];

interface CheckOptions extends CommonOptions {
  readonly board?: string;
  readonly dts?: readonly string[];
  readonly xlcfg?: readonly string[];
  readonly partial?: readonly string[];
  readonly format?: Format;
}

/** What is wrong with a configuration, by the rules of docs/lint.md. */
export function addCheck(program: Command): void {
  program
    .command("check")
    .description("check a device tree, a board file and guests' xl.cfg before flashing them")
    .option("--board <file>", "the board file, with the device tree and xl.cfgs that it names")
    .option(
      "--dts <file>",
      "the host device tree (.dts, .dtb) instead of the board's, or an overlay (.dtso, .dtbo); may be repeated, base first",
      several,
    )
    .option("--xlcfg <file>", "a guest's configuration; may be repeated", several)
    .option(
      "--partial <file>",
      "a guest's partial device tree, where it is not beside its xl.cfg; may be repeated",
      several,
    )
    .option("--format <format>", `how to print the findings: ${FORMATS.join(", ")} (default: text)`, format)
    .addHelpText("after", "\nExit status: 0 no finding of severity E, 1 at least one, 2 wrong usage.")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<CheckOptions>();
      const { board = null, dts = [], xlcfg = [], partial = [] } = options;
      if (board === null && dts.length + xlcfg.length + partial.length === 0) {
        note("scmictl: there is nothing to check");
        note("hint: Give --board, --dts, --xlcfg or --partial.");
        process.exitCode = EXIT.usage;
        return;
      }
      const { check } = await import("../checking.ts");
      const report = await check({ board, dts, xlcfg, partial });
      switch (options.format ?? (options.json === true ? "json" : "text")) {
        case "json": {
          const { findings, binding, xen } = report;
          await printJson({ findings, binding, xen });
          break;
        }
        case "sarif": {
          const { sarifLog } = await import("../lint/sarif.ts");
          await printJson(sarifLog(report.findings));
          break;
        }
        case "text": {
          const { checkText } = await import("../lint/text.ts");
          await print(checkText(report));
          break;
        }
      }
      if (report.findings.some(({ severity }) => severity === "E")) process.exitCode = EXIT.refused;
    });
}

function format(text: string): Format {
  const found = FORMATS.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Allowed are ${FORMATS.join(", ")}.`);
  return found;
}
