import type { Command } from "commander";
import { addHostOverlay } from "./export/host-overlay.ts";
import { addPartialTree } from "./export/partial-tree.ts";
import { addXlcfg } from "./export/xlcfg.ts";

/** What can be exported: one file of export/ each. */
const EXPORTS = [addXlcfg, addPartialTree, addHostOverlay] as const;

export function addExport(program: Command): void {
  const exporting = program
    .command("export")
    .description("write the files that make the same machine: device trees, overlays, xl.cfg");
  for (const add of EXPORTS) add(exporting);
}
