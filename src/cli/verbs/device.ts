import type { Command } from "commander";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { table } from "../output.ts";
import { itemsOf, show, wholeList } from "../show.ts";

export function addDevice(program: Command): void {
  const device = program
    .command("device")
    .description("SCMI devices: the resources that a permission covers");
  reading(device.command("list", { isDefault: true }))
    .description("every device of the board, with its resources and its nodes in the device tree")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<ReadingOptions>();
      const answer = await withSource(options, (source) => wholeList(source, "/v1/devices"));
      await show(answer, options, (body) =>
        table(
          ["id", "name", "resources", "nodes"],
          itemsOf(body).map(({ id, name, resources, paths }) => [id, name, listed(resources), paths]),
        ),
      );
    });
}

/** Ids by kind, as the board file names the kinds: `clocks 0, 3; resets 1`. */
function listed(resources: unknown): string {
  return Object.entries(resources as { readonly [kind: string]: readonly number[] })
    .flatMap(([kind, ids]) => (ids.length === 0 ? [] : [`${kind} ${ids.join(", ")}`]))
    .join("; ");
}
