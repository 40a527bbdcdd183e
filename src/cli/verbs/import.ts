import type { Command } from "commander";
import { addImportImxSm } from "./import/imx-sm.ts";

/** What can be imported: one file of import/ each. */
const IMPORTS: readonly ((importing: Command) => void)[] = [addImportImxSm];

export function addImport(program: Command): void {
  const importing = program
    .command("import")
    .description("make a board file from a description of another form");
  for (const add of IMPORTS) add(importing);
}
