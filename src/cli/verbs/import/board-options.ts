import type { Command } from "commander";
import { several } from "../../options.ts";

/** Options of every import that makes a board file. */
export function makingBoard(command: Command): Command {
  return command
    .option(
      "--set <field=value>",
      "set a field of the board file: firmware.clocks.3.rate=24000000; may be repeated",
      several,
    )
    .option("--force", "write over files that are there")
    .option("--no-ask", "ask nothing on the terminal, and assume the defaults");
}
