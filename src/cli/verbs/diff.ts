import type { Command } from "commander";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { show } from "../show.ts";

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

export function addDiff(program: Command): void {
  reading(program.command("diff"))
    .description("what changed between two moments, as a JSON Patch")
    .requiredOption("--from <moment>", "a seq, or an ISO time, inclusive")
    .requiredOption("--to <moment>", "a seq, or an ISO time, inclusive")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions & { from: string; to: string }>();
      const { from, to } = options;
      const answer = await withSource(options, (source) => source.get("/v1/state/diff", { from, to }));
      await show(answer, options, ({ from, to, patch }) => {
        const lines = (patch as readonly Operation[]).map(
          ({ op, path, value }) =>
            `${op.padEnd(7)} ${path}${op === "remove" ? "" : ` = ${JSON.stringify(value)}`}`,
        );
        return [`from event ${from} to event ${to}: ${lines.length} changes`, ...lines].join("\n");
      });
    });
}
