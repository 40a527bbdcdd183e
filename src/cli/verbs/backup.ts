import type { Command } from "commander";
import { type CommonOptions, several } from "../options.ts";

interface BackupOptions extends CommonOptions {
  readonly db: string;
}

interface RestoreOptions extends BackupOptions {
  readonly vkey?: readonly string[];
  readonly checkpoint?: readonly string[];
}

/** A log is copied while its server goes on; what comes back from a copy is verified first. */
export function addBackup(program: Command): void {
  program
    .command("backup")
    .description("copy a log while its server goes on writing it")
    .argument("<file>", "the copy; it must not be there yet")
    .requiredOption("--db <file>", "the log")
    .action(async (file: string, _: unknown, command: Command) => {
      const { db, json } = command.optsWithGlobals<BackupOptions>();
      const { backup } = await import("../logs/backup.ts");
      await backup(db, file, json === true);
    });
  program
    .command("restore")
    .description("make a log of a backup, if every event of it verifies")
    .argument("<file>", "the backup")
    .requiredOption("--db <file>", "the log; it must not be there yet")
    .option("--vkey <vkey>", "a verifier key to trust; may be repeated", several)
    .option(
      "--checkpoint <file>",
      "a checkpoint from elsewhere that it must go on from; may be repeated",
      several,
    )
    .action(async (file: string, _: unknown, command: Command) => {
      const { db, json, ...trust } = command.optsWithGlobals<RestoreOptions>();
      const { restore } = await import("../logs/backup.ts");
      await restore(file, db, trust, json === true);
    });
}
