import { type Command, Option } from "commander";
import { type GuestOptions, ofGuest, putGuestExport } from "./asking.ts";

interface PartialTreeOptions extends GuestOptions {
  readonly for?: "xl" | "dom0less";
}

export function addPartialTree(exporting: Command): void {
  ofGuest(exporting.command("partial-tree"))
    .description("a guest's partial device tree: its SCMI node, its shared memory, its devices")
    .addOption(
      new Option("--for <reader>", "who reads it; default: whoever makes the domain").choices([
        "xl",
        "dom0less",
      ]),
    )
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<PartialTreeOptions>();
      const reader = options.for;
      const { partialTreeFile } = await import("#config/export/exports.ts");
      await putGuestExport(
        options,
        {
          path: "/export/partial-tree",
          query: { for: reader },
          local: (view, ref) => partialTreeFile(view, ref, reader ?? null),
        },
        command,
      );
    });
}
