import type { Command } from "commander";
import { type ReadingOptions, reading, withSource } from "../options.ts";
import { table } from "../output.ts";
import { columns, itemsOf, show, wholeList } from "../show.ts";

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
          ["id", "name", "power domains", "clocks", "resets", "nodes"],
          columns(itemsOf(body), ["id", "name", "powerDomains", "clocks", "resets", "paths"]),
        ),
      );
    });
}
