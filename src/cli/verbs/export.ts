import type { Command } from "commander";
import { addDom0Tree } from "./export/dom0-tree.ts";
import { addExportEvents } from "./export/events.ts";
import { addGuestTree } from "./export/guest-tree.ts";
import { addHostOverlay } from "./export/host-overlay.ts";
import { addMigrate } from "./export/migrate.ts";
import { addPartialTree } from "./export/partial-tree.ts";
import { addXlcfg } from "./export/xlcfg.ts";

/** What can be exported: one file of export/ each. */
const EXPORTS = [
  addXlcfg,
  addPartialTree,
  addHostOverlay,
  addMigrate,
  addDom0Tree,
  addGuestTree,
  addExportEvents,
] as const;

export function addExport(program: Command): void {
  const exporting = program
    .command("export")
    .description("write the files that make the same machine: device trees, overlays, xl.cfg");
  for (const add of EXPORTS) add(exporting);
}
