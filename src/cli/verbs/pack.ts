import type { Command } from "commander";
import { type CommonOptions, whole } from "../options.ts";
import { show } from "../show.ts";

export interface PackOptions extends CommonOptions {
  readonly db: string;
  readonly from?: number;
  readonly to?: number;
  readonly out: string;
  readonly redact?: string | true;
  readonly redactMap?: string;
}

export function addPack(program: Command): void {
  program
    .command("pack")
    .description("write a part of a log to one file, which replays elsewhere to the same digests")
    .requiredOption("--db <file>", "the log; it is never changed")
    .option("--from <seq>", "first event; rounded out to a whole command", whole)
    .option("--to <seq>", "last event; rounded out to a whole command", whole)
    .requiredOption("--out <pack>", "the file; it must not be there yet")
    .option("--redact [what]", "put stand-ins for names, addresses, or both: names,addresses is the default")
    .option(
      "--redact-map <file>",
      "write what the stand-ins stand for to a file, which only its owner can read",
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<PackOptions>();
      const { packFile } = await import("../packing.ts");
      await show(packFile(options), options, ({ from, to, redacted }) => {
        const what = redacted.length === 0 ? "" : `, ${redacted.join(" and ")} redacted`;
        return `${options.out}: events ${from} to ${to}${what}`;
      });
    });
}
