import { SERIES_VERSIONS, type SeriesVersion } from "./board.ts";
import { booleanXenOption } from "./xen-boolean.ts";

/** Whether Xen's command line leaves SCMI to a guest. The option was renamed twice; Xen knows only the name of its own time. */
export function leavesScmiToGuest(cmdline: string, version: SeriesVersion): boolean {
  return booleanXenOption(cmdline, passthroughOption(version)) === true;
}

function passthroughOption(version: SeriesVersion): string {
  const since = (named: SeriesVersion) => SERIES_VERSIONS.indexOf(version) >= SERIES_VERSIONS.indexOf(named);
  if (since("v6")) return "scmi-smc-passthrough";
  return since("v5") ? "scmi_smc_passthrough" : "dom0_scmi_smc_passthrough";
}
