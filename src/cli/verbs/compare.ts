import type { Command } from "commander";
import { several, whole } from "../options.ts";
import { refuse } from "../output.ts";
import type { CompareVerbOptions } from "../replaying/comparing.ts";

export function addCompare(program: Command): void {
  program
    .command("compare")
    .description(
      "play what was observed on a real machine on a board in memory, and show what differs, by cause",
    )
    .requiredOption("--db <file>", "a log that import ftrace or import xen-log made; it is only read")
    .requiredOption("--board <file>", "the board that should be the same machine")
    .option("--agent <id>", "whose the traces are that were imported without one", whole)
    .option("--xlcfg <file>", "a guest to create first, with its devices; may be repeated, in order", several)
    .action(async (_: unknown, command: Command) => {
      const { compare } = await import("../replaying/comparing.ts");
      const fault = await compare(command.optsWithGlobals<CompareVerbOptions>());
      if (fault !== null) refuse(fault);
    });
}
