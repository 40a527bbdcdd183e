import type { SeriesVersion } from "../board/board.ts";
import { booleanXenOption } from "../xen/boolean.ts";
import { atLeast } from "../xen/series-version.ts";

/** Whether Xen's command line leaves SCMI to a guest. The option was renamed twice; Xen knows only the name of its own time. */
export function leavesScmiToGuest(cmdline: string, version: SeriesVersion): boolean {
  return booleanXenOption(cmdline, passthroughOption(version)) === true;
}

function passthroughOption(version: SeriesVersion): string {
  if (atLeast(version, "v6")) return "scmi-smc-passthrough";
  return atLeast(version, "v5") ? "scmi_smc_passthrough" : "dom0_scmi_smc_passthrough";
}
