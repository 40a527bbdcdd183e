import type { Command } from "commander";
import type { CommonOptions } from "../../options.ts";

interface ImportEventsOptions extends CommonOptions {
  readonly db: string;
}

export function addImportEvents(importing: Command): void {
  importing
    .command("events")
    .description("make a log of a JSON Lines export: the same events, and the same root of the audit tree")
    .argument("<file>", "what scmictl export events --format jsonl wrote; - is standard input")
    .requiredOption("--db <file>", "the new log")
    .action(async (file: string, _: unknown, command: Command) => {
      const { db, json } = command.optsWithGlobals<ImportEventsOptions>();
      const { importEvents } = await import("../../logs/exchange.ts");
      await importEvents(file, db, json === true);
    });
}
