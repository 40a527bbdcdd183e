import type { Command } from "commander";
import { isProblem } from "#base/problem.ts";
import { type CommonOptions, whole } from "../options.ts";
import { note, printJson, refuse } from "../output.ts";
import type { ShrinkOptions } from "../shrinking.ts";
import { type OutOptions, putText } from "./export/out.ts";

export function addShrink(program: Command): void {
  program
    .command("shrink")
    .description(
      "the fewest commands of a log after which an expression is still false, as a script for simulate",
    )
    .requiredOption("--db <file>", "the log; it is only read")
    .requiredOption("--expect <expression>", "what should hold and does not, such as: not allowed(2, 1)")
    .option("--to <seq>", "the event after which it does not (default: the log's head)", whole)
    .option("--out <file>", "write the script there, instead of printing it")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ShrinkOptions & OutOptions & CommonOptions>();
      const { shrinkFile } = await import("../shrinking.ts");
      const shrunk = shrinkFile(options);
      if (isProblem(shrunk)) return refuse(shrunk);
      if (options.json === true) return printJson(shrunk);
      const { commands, keptCount, bootSeq, isMinimal } = shrunk;
      note(
        `scmictl: ${keptCount} of ${commands} commands are left; the script begins behind event ${bootSeq}`,
      );
      if (!isMinimal)
        note("scmictl: the search was ended before the last of them had been tried: there may be fewer");
      await putText(shrunk.script, options);
    });
}
