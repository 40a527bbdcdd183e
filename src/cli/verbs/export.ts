import type { Command } from "commander";

/** What can be exported: one file of export/ each. */
const EXPORTS: readonly ((exporting: Command) => void)[] = [];

export function addExport(program: Command): void {
  const exporting = program
    .command("export")
    .description("write the files that make the same machine: device trees, overlays, xl.cfg");
  for (const add of EXPORTS) add(exporting);
}
