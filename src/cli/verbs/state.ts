import type { Command } from "commander";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { show } from "../show.ts";

export function addState(program: Command): void {
  reading(program.command("state"))
    .description("the machine's state and its digest, now or at a moment (always JSON)")
    .option("--at <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { at?: string }>();
      const answer = await withSource(options, (source) => source.get("/v1/state", { at: options.at }));
      await show(answer, { ...options, json: true }, String);
    });
}
