import { xenOptions } from "../xen/cmdline.ts";

/** Options of Xen's command line that some version of the series decides by; of `dom0=` only one part is. */
const DECIDING =
  /^(?:no-)?(?:scmi-smc-passthrough|scmi_smc_passthrough|dom0_scmi_smc_passthrough)$|^dom0_scmi_agent_id$/;
const DOM0_PART = "sci-agent-id=";
/** An empty command line means another thing than one of which nothing is left: then the tree's counts. */
const NOTHING_LEFT = "redacted";

/** Xen's command line without the options that decide nothing here. */
export function redactCmdline(cmdline: string): string {
  if (cmdline === "") return "";
  const kept = xenOptions(cmdline).flatMap(({ name, value }) => {
    if (DECIDING.test(name)) return [value === null ? name : `${name}=${value}`];
    const parts =
      name === "dom0" ? (value ?? "").split(",").filter((part) => part.startsWith(DOM0_PART)) : [];
    return parts.length === 0 ? [] : [`dom0=${parts.join(",")}`];
  });
  return kept.length === 0 ? NOTHING_LEFT : kept.join(" ");
}
