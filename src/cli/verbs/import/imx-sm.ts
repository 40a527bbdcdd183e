import type { Command } from "commander";
import type { ImxSmOptions } from "../../importing/imx-sm.ts";
import { several, whole } from "../../options.ts";
import { refuse } from "../../output.ts";
import { makingBoard } from "./board-options.ts";

export function addImportImxSm(importing: Command): void {
  const command = importing
    .command("imx-sm")
    .description("a board file of profile imx from a configuration of NXP's i.MX System Manager")
    .argument("<file>", "the configuration, *.cfg")
    .option("--out <dir>", "write board.yaml and its device tree there, instead of printing the board file")
    .option("--include <dir>", "look for included files there too; may be repeated", several)
    .option(
      "--ids <path>",
      "take resource ids from this C header, or the headers of this folder; may be repeated",
      several,
    )
    .option("--name <name>", "name of the host")
    .option(
      "--func-id-base <id>",
      "function id of agent 0's doorbell; the next agents have the next ids",
      whole,
    )
    .option("--shmem-base <address>", "first page of the channels' shared memory", whole)
    .option(
      "--xen-agent <id>",
      "the agent that is Xen's own: the others of its machine are for domains",
      whole,
    )
    .option("--device-tree <file>", "host device tree that the board file is to name, instead of a made one");
  makingBoard(command).action(async (file: string, _: unknown, own: Command) => {
    const { importImxSm } = await import("../../importing/imx-sm.ts");
    const fault = await importImxSm(file, own.optsWithGlobals<ImxSmOptions>());
    if (fault !== null) refuse(fault);
  });
}
