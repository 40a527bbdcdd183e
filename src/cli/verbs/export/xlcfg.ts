import type { Command } from "commander";
import { type GuestOptions, ofGuest, putGuestExport } from "./asking.ts";

interface XlCfgOptions extends GuestOptions {
  readonly deviceTree?: string;
}

export function addXlcfg(exporting: Command): void {
  ofGuest(exporting.command("xlcfg"))
    .description("the xl.cfg that makes a guest again: its agent, its devices, its pages")
    .option("--device-tree <path>", "where the target has the guest's partial tree")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<XlCfgOptions>();
      const { deviceTree } = options;
      const { xlCfgFile } = await import("#config/export/exports.ts");
      await putGuestExport(
        options,
        {
          path: "/export/xlcfg",
          query: { deviceTree },
          local: (view, ref) => xlCfgFile(view, ref, { deviceTree: deviceTree ?? null }),
        },
        command,
      );
    });
}
