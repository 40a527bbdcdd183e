import type { Command } from "commander";
import { whole } from "../options.ts";
import type { PackOptions } from "../replaying/packing.ts";
import { show } from "../show.ts";

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
      const { packFile } = await import("../replaying/packing.ts");
      await show(await packFile(options), options, ({ from, to, redacted }) => {
        const what = redacted.length === 0 ? "" : `, ${redacted.join(" and ")} redacted`;
        return `${options.out}: events ${from} to ${to}${what}`;
      });
    });
}
