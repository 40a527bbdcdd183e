import type { Command } from "commander";
import { whole } from "../options.ts";
import type { SimulateOptions } from "../replaying/simulating.ts";

export function addSimulate(program: Command): void {
  program
    .command("simulate")
    .description("play a script of commands, a JSON object a line on stdin, on a machine in memory")
    .option("--board <file>", "the board to simulate")
    .option("--db <file>", "start from this log instead of a boot; it is only read")
    .option(
      "--at <seq>",
      "start from the log after this event, at its command's end (default: its head)",
      whole,
    )
    .option("--no-boot", "the firmware is up, and Xen has not booted")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<SimulateOptions>();
      const { board, db, at, boot } = options;
      if (board === undefined && db === undefined) command.error("error: give --board FILE, or --db FILE");
      if (db === undefined && at !== undefined)
        command.error("error: --at is a moment of a log: give --db too");
      if (db !== undefined && !boot)
        command.error("error: --no-boot starts a board anew, --db goes on from a log");
      const { simulate } = await import("../replaying/simulating.ts");
      await simulate(options);
    });
}
