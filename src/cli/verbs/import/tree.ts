import type { Command } from "commander";
import { PROFILES } from "#config/board/board.ts";
import type { TreeOptions } from "../../importing/tree.ts";
import { several, whole } from "../../options.ts";
import { refuse } from "../../output.ts";
import { makingBoard, profile } from "./board-options.ts";

export function addImportTree(importing: Command): void {
  const command = importing
    .command("tree")
    .description("the board file that a host device tree implies, whichever binding it has")
    .argument("<file>", "the tree, .dtb or .dts")
    .option("--overlay <file>", "an overlay to apply to it first, .dtbo or .dtso; may be repeated", several)
    .option("--out <file>", "write the board file there, instead of printing it")
    .option("--name <name>", "name of the host")
    .option("--profile <profile>", `whose firmware it is: ${PROFILES.join(", ")}`, profile)
    .option("--trusted-agent <id>", "an agent that may set permissions; may be repeated", agents)
    .option("--xen-agent <id>", "the agent behind Xen's own channel, where the tree does not tell", whole);
  makingBoard(command).action(async (file: string, _: unknown, own: Command) => {
    const { importTree } = await import("../../importing/tree.ts");
    const fault = await importTree(file, own.optsWithGlobals<TreeOptions>());
    if (fault !== null) refuse(fault);
  });
}

function agents(id: string, before: readonly number[] = []): readonly number[] {
  return [...before, whole(id)];
}
