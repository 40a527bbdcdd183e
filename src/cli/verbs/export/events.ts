import { type Command, Option } from "commander";
import type { ExportFormat } from "#audit/exchange/formats.ts";
import type { ExportEventsOptions } from "../../logs/exchange.ts";
import { reading, whole } from "../../options.ts";

const FORMATS = ["jsonl", "csv", "cloudevents"] as const satisfies readonly ExportFormat[];

export function addExportEvents(exporting: Command): void {
  reading(exporting.command("events"))
    .description("the log as JSON Lines, CSV or CloudEvents; JSON Lines can be imported again")
    .addOption(new Option("--format <format>", "form of the lines").choices(FORMATS).default("jsonl"))
    .option("--after <seq>", "events behind this one", whole, 0)
    .option("-f, --follow", "go on with what is recorded from now on; there is no end then")
    .option("--out <file>", "write it there, instead of printing it")
    .action(async (_: unknown, command: Command) => {
      const { exportEvents } = await import("../../logs/exchange.ts");
      await exportEvents(command.optsWithGlobals<ExportEventsOptions>());
    });
}
