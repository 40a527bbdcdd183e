import type { Command } from "commander";
import { type CommonOptions, several, whole } from "../options.ts";
import { show } from "../show.ts";
import type { WhatIfOptions } from "../whatif.ts";

export function addWhatIf(program: Command): void {
  program
    .command("whatif")
    .description(
      "play a log on from a moment with something changed, and compare what comes of it with what happened",
    )
    .requiredOption("--db <file>", "the log; it is only read")
    .requiredOption(
      "--at <seq>",
      "fork the log after this event, at its command's end (0: before the first)",
      whole,
    )
    .option("--to <seq>", "play on to this event (default: the log's head)", whole)
    .option(
      "--skip <place>",
      "leave out a command: the seq of one of its events, or command:ID; repeatable",
      several,
    )
    .option(
      "--insert <seq-and-command>",
      "play a command behind an event: '41 {\"do\":…}', as scripts; repeatable",
      several,
    )
    .option("--change <place-and-command>", "play this in place of a command; repeatable", several)
    .option("--set <path=value>", "another board: firmware.clocks[1].rate=5000; repeatable", several)
    .option("--profile <name>", "another firmware: its profile")
    .option("--xen-version <version>", "another version of Xen's series, such as v8")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<WhatIfOptions & CommonOptions>();
      const { whatIfOfFile } = await import("../whatif.ts");
      const { whatIfText } = await import("../whatif-text.ts");
      await show(whatIfOfFile(options), options, whatIfText);
    });
}
