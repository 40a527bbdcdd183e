import type { Command } from "commander";
import { addImportBoard } from "./import/board.ts";
import { addImportEvents } from "./import/events.ts";
import { addImportImxSm } from "./import/imx-sm.ts";
import { addImportFtrace, addImportXenLog } from "./import/traces.ts";
import { addImportTree } from "./import/tree.ts";

/** What can be imported: one file of import/ each. */
const IMPORTS: readonly ((importing: Command) => void)[] = [
  addImportImxSm,
  addImportTree,
  addImportEvents,
  addImportFtrace,
  addImportXenLog,
  addImportBoard,
];

export function addImport(program: Command): void {
  const importing = program
    .command("import")
    .description("make a board file, or a log, from what has another form");
  for (const add of IMPORTS) add(importing);
}
