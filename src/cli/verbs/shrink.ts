import { type Command, InvalidArgumentError } from "commander";
import { isProblem } from "#base/problem.ts";
import { type CommonOptions, reading, whole } from "../options.ts";
import { note, printJson, refuse } from "../output.ts";
import type { ShrinkOptions } from "../replaying/shrinking.ts";
import { type OutOptions, putText } from "./export/out.ts";

export function addShrink(program: Command): void {
  reading(program.command("shrink"))
    .description(
      "the fewest commands of a log after which an expression is still false, as a script for simulate",
    )
    .requiredOption("--expect <expression>", "what should hold and does not, such as: not allowed(2, 1)")
    .option("--to <moment>", "when it does not: a seq, or an ISO time (default: the log's head)")
    .option("--max-runs <count>", "end the search after playing so often, with what it has", runs)
    .option("--out <file>", "write the script there, instead of printing it")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ShrinkOptions & OutOptions & CommonOptions>();
      const [{ shrinkOf }, { outProblem }] = await Promise.all([
        import("../replaying/shrinking.ts"),
        import("#inputs/write-file.ts"),
      ]);
      // A search may take long: not for a file that then cannot be written.
      const unwritable = options.out === undefined ? null : await outProblem(options.out);
      if (unwritable !== null) return refuse(unwritable);
      const shrunk = await shrinkOf(options);
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

/** How often, of an option: at the least once. */
function runs(text: string): number {
  const count = whole(text);
  if (count < 1) throw new InvalidArgumentError("It is at least 1.");
  return count;
}
