import { type Command, InvalidArgumentError } from "commander";
import type { BenchOptions } from "../bench/benching.ts";
import { whole } from "../options.ts";

export function addBench(program: Command): void {
  program
    .command("bench")
    .description("measure what this program does on a disk of yours, beside what the disk allows")
    .option(
      "--dir <folder>",
      "a folder on that disk; what is made in it is removed (default: ./var, or here)",
    )
    .option("--db <file>", "the disk of this log, which is not opened")
    .option("--rounds <n>", "rounds that each rate is the median of", positive, 5)
    .option(
      "--events <n>",
      "events in the log that is verified and travelled in, at the least",
      positive,
      50_000,
    )
    .option("--moments <n>", "moments that the state is asked for", positive, 200)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<BenchOptions>();
      if (options.dir !== undefined && options.db !== undefined) {
        command.error("error: --dir and --db both name a disk; give one");
      }
      const { benching } = await import("../bench/benching.ts");
      await benching(options);
    });
}

function positive(text: string): number {
  const count = whole(text);
  if (count === 0 || count > 100_000_000) throw new InvalidArgumentError("It has to be from 1 to 100000000.");
  return count;
}
