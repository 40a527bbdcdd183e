import type { Command } from "commander";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { show } from "../show.ts";

export function addDiff(program: Command): void {
  reading(program.command("diff"))
    .description("what changed between two moments, in words; with --json as a JSON Patch")
    .requiredOption("--from <moment>", "a seq, or an ISO time, inclusive")
    .requiredOption("--to <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { from: string; to: string }>();
      const { from, to } = options;
      const answer = await withSource(options, (source) => source.get("/v1/state/diff", { from, to }));
      await show(answer, options, ({ from, to, patch, words }) => {
        const changes = (patch as readonly unknown[]).length;
        const counted = `${changes} ${changes === 1 ? "change" : "changes"}`;
        return [`from event ${from} to event ${to}: ${counted}`, ...(words as readonly string[])].join("\n");
      });
    });
}
