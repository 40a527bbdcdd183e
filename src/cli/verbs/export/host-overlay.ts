import type { Command } from "commander";
import { several, whole } from "../../options.ts";
import { type MachineOptions, ofMachine, putExport } from "./asking.ts";

interface HostOverlayOptions extends MachineOptions {
  readonly all?: boolean;
  readonly agent?: readonly string[];
}

export function addHostOverlay(exporting: Command): void {
  ofMachine(exporting.command("host-overlay"))
    .description("the overlay that gives the host's device tree what Xen's mediator reads of it")
    .option("--all", "list every agent of Xen's, not only those in use")
    .option("--agent <id>", "list this one too; may be repeated", several)
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<HostOverlayOptions>();
      const agents = (options.agent ?? []).map(whole);
      const all = options.all === true;
      const { hostOverlayFile } = await import("#config/export/exports.ts");
      const query = { agents: all ? "all" : agents.length === 0 ? undefined : agents.join(",") };
      const local = (view: Parameters<typeof hostOverlayFile>[0]) => hostOverlayFile(view, { all, agents });
      await putExport(options, { path: "/v1/host/export/overlay", query, local }, command);
    });
}
