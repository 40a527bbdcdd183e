import type { Command } from "commander";
import { type CommonOptions, reading, several, whole } from "../options.ts";
import type { WhatIfOptions } from "../replaying/whatif.ts";
import { show } from "../show.ts";

export function addWhatIf(program: Command): void {
  reading(program.command("whatif"))
    .description(
      "play a log on from a moment with something changed, and compare what comes of it with what happened",
    )
    .requiredOption(
      "--at <moment>",
      "fork the log after this seq or ISO time, at its command's end (0: before the first event)",
    )
    .option("--to <moment>", "play on to this seq or ISO time (default: the log's head)")
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
    .option(
      "--time <place-and-time>",
      "give a command another time: '41 2026-11-20T23:49:28Z'; repeatable",
      several,
    )
    .option("--set <path=value>", "another board: firmware.clocks[1].rate=5000; repeatable", several)
    .option("--profile <name>", "another firmware: its profile")
    .option("--xen-version <version>", "another version of Xen's series, such as v8")
    .option("--rules <version>", "another version of the rules that the host is decided by", whole)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<WhatIfOptions & CommonOptions>();
      const { whatIfOf } = await import("../replaying/whatif.ts");
      const { whatIfText } = await import("../replaying/whatif-text.ts");
      await show(await whatIfOf(options), options, whatIfText);
    });
}
