import type { Command } from "commander";

/** What a debugging session is opened with. */
export interface DebugOptions {
  readonly db: string;
  /** A file of commands; true: standard input. */
  readonly batch?: string | true;
  readonly at?: string;
  readonly json?: boolean;
}

export function addDebug(program: Command): void {
  program
    .command("debug")
    .description("step through a log, forward and backward, with breakpoints; help inside lists the commands")
    .requiredOption("--db <file>", "the log; it is never changed")
    .option("--batch [file]", "commands of a file, one a line, or of stdin; the first refusal ends it")
    .option("--at <moment>", "begin there: a seq, or an ISO time (default: before the first event)")
    .action(async (_: unknown, command: Command) => {
      const { debug } = await import("../debugging.ts");
      await debug(command.optsWithGlobals<DebugOptions>());
    });
}
