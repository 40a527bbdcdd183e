import type { Errno } from "#base/errno.ts";
import type { SciAgentProperty, SciTypeProperty } from "#config/binding/dom0less.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { readU32 } from "#config/device-tree/property.ts";
import { type Recognised, recognised } from "./binding/recognised.ts";
import type { Host } from "./context.ts";
import { atLeast } from "./versions.ts";

/** SCI type and agent of a dom0less domain, or why Xen panics. */
export type Dom0lessSci =
  | { readonly type: string; readonly agentId: number }
  | { readonly errno: Errno; readonly message: string };

const NO_SCI: Dom0lessSci = { type: "none", agentId: 0 };

/**
 * Reads what a `xen,domain` node says of SCI, under the names that the host's version knows: `xen,sci_type` and
 * `xen,sci-agent-id` in the current one.
 *
 * @see `mediator-reference.md` §3.3, §8.1; the series' `domu_dt_sci_parse`
 */
export function readDom0lessSci(node: DtNode, host: Host): Dom0lessSci {
  const binding = recognised(host);
  const property = typeProperty(binding);
  const value = property === null ? undefined : node.properties.get(property);
  if (property === null || value === undefined) return NO_SCI;
  if (value.length === 0) return refused("ENODATA", `${property} of ${node.path} is empty`);
  if (value.indexOf(0) === -1) return refused("EILSEQ", `${property} of ${node.path} has no end`);
  const type = String.fromCharCode(...value.subarray(0, value.indexOf(0)));
  if (type === "none") return NO_SCI;
  if (type === "scmi_smc") {
    if (binding.version === "bsp" || host.board.xen.mediator === "single-agent") return { type, agentId: 0 };
    return refused("EINVAL", `${node.path}: this Xen is built without scmi_smc`);
  }
  return type === "scmi_smc_multiagent" && binding.version !== "bsp"
    ? readAgent(node, binding)
    : refused("EINVAL", `${property} "${type}" of ${node.path} is unknown`);
}

function readAgent(node: DtNode, binding: Recognised): Dom0lessSci {
  const property = agentProperty(node, binding);
  const agentId = readU32(node, property);
  if (agentId === null) return refused("EINVAL", `${node.path} has no ${property}`);
  if (agentId >= agentIdLimit(binding)) {
    return refused("EINVAL", `${property} ${agentId} of ${node.path} is too large`);
  }
  if (agentId === 0 && !atLeast(binding.version, "v6")) {
    return refused("EINVAL", `${property} 0 of ${node.path} is no agent of a guest's`);
  }
  return { type: "scmi_smc_multiagent", agentId };
}

/** Null: the version knows of no such property. */
function typeProperty({ version, isLenient }: Recognised): SciTypeProperty | null {
  if (version === "bsp") return "xen,arm_sci";
  return atLeast(version, "v4") || isLenient ? "xen,sci_type" : null;
}

function agentProperty(node: DtNode, { version, isLenient }: Recognised): SciAgentProperty {
  if (atLeast(version, "v6")) return "xen,sci-agent-id";
  const isOfToday = isLenient && !node.properties.has("xen,sci_agent_id");
  return isOfToday ? "xen,sci-agent-id" : "xen,sci_agent_id";
}

/** Agent ids from here on are refused. */
function agentIdLimit({ version }: Recognised): number {
  return atLeast(version, "v10") ? 255 : 256;
}

function refused(errno: Errno, message: string): Dom0lessSci {
  return { errno, message };
}
