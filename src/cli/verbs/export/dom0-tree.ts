import type { Command } from "commander";
import { type MachineOptions, ofMachine, putExport } from "./asking.ts";

export function addDom0Tree(exporting: Command): void {
  ofMachine(exporting.command("dom0-tree"))
    .description("the device tree that dom0 gets: what Xen leaves out of the host's, and what it disables")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<MachineOptions>();
      const { dom0TreeFile } = await import("#config/export/tree-files.ts");
      await putExport(options, { path: "/v1/host/export/dom0-tree", local: dom0TreeFile }, command);
    });
}
