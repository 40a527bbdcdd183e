import type { Command } from "commander";
import { PROFILES } from "#config/board/board.ts";
import type { BoardOptions } from "../../importing/board.ts";
import { whole } from "../../options.ts";
import { refuse } from "../../output.ts";
import { makingBoard, profile } from "./board-options.ts";

export function addImportBoard(importing: Command): void {
  const command = importing
    .command("board")
    .description("the board file that a real machine's traces imply, with what they do not say assumed")
    .requiredOption("--db <file>", "a log that import ftrace made; it is only read")
    .option("--out <dir>", "write board.yaml and its device tree there, instead of printing the board file")
    .option("--name <name>", "name of the host")
    .option(
      "--profile <profile>",
      `whose firmware it is, instead of the one that answers most alike: ${PROFILES.join(", ")}`,
      profile,
    )
    .option("--agent <id>", "whose the traces are that were imported without one", whole)
    .option("--device-tree <file>", "host device tree that the board file is to name, instead of a made one");
  makingBoard(command).action(async (_: unknown, own: Command) => {
    const { importBoard } = await import("../../importing/board.ts");
    const fault = await importBoard(own.optsWithGlobals<BoardOptions>());
    if (fault !== null) refuse(fault);
  });
}
