import type { Command } from "commander";
import type { DebugOptions } from "../replaying/debugging.ts";

export function addDebug(program: Command): void {
  program
    .command("debug")
    .description("step through a log, forward and backward, with breakpoints; help inside lists the commands")
    .requiredOption("--db <file>", "the log; it is never changed")
    .option("--batch [file]", "commands of a file, one a line, or of stdin; the first refusal ends it")
    .option("--at <moment>", "begin there: a seq, or an ISO time (default: before the first event)")
    .action(async (_: unknown, command: Command) => {
      const { debug } = await import("../replaying/debugging.ts");
      await debug(command.optsWithGlobals<DebugOptions>());
    });
}
