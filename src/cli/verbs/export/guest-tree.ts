import type { Command } from "commander";
import { type GuestOptions, ofMachine, putGuestExport } from "./asking.ts";

export function addGuestTree(exporting: Command): void {
  ofMachine(exporting.command("guest-tree"))
    .description("what a dom0less domain gets of its partial device tree")
    .requiredOption("--domid <domain>", "the domain: domid, name or uuid")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GuestOptions>();
      const { guestTreeFile } = await import("#config/export/tree-files.ts");
      await putGuestExport(options, { path: "/export/guest-tree", local: guestTreeFile }, command);
    });
}
