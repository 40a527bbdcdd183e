import type { Errno } from "#base/errno.ts";
import { readU32 } from "#config/dt-property.ts";
import type { DtNode } from "#config/fdt.ts";

/** SCI type and agent of a dom0less domain, or why Xen panics. */
export type Dom0lessSci =
  | { readonly type: string; readonly agentId: number }
  | { readonly errno: Errno; readonly message: string };

/** Agent ids from here on are refused. */
const AGENT_ID_LIMIT = 255;

/**
 * Reads `xen,sci_type` and `xen,sci-agent-id` of a `xen,domain` node.
 *
 * @see `mediator-reference.md` §3.3; the series' `domu_dt_sci_parse`
 */
export function readDom0lessSci(
  node: DtNode,
  mediator: "multi-agent" | "single-agent" | "none",
): Dom0lessSci {
  const property = node.properties.get("xen,sci_type");
  if (property === undefined) return { type: "none", agentId: 0 };
  if (property.length === 0) return refused("ENODATA", `xen,sci_type of ${node.path} is empty`);
  if (property.indexOf(0) === -1) return refused("EILSEQ", `xen,sci_type of ${node.path} has no end`);
  const type = String.fromCharCode(...property.subarray(0, property.indexOf(0)));
  switch (type) {
    case "none":
      return { type, agentId: 0 };
    case "scmi_smc":
      if (mediator === "single-agent") return { type, agentId: 0 };
      return refused("EINVAL", `${node.path}: this Xen is built without scmi_smc`);
    case "scmi_smc_multiagent": {
      const agentId = readU32(node, "xen,sci-agent-id");
      if (agentId === null) return refused("EINVAL", `${node.path} has no xen,sci-agent-id`);
      if (agentId >= AGENT_ID_LIMIT)
        return refused("EINVAL", `xen,sci-agent-id ${agentId} of ${node.path} is too large`);
      return { type, agentId };
    }
    default:
      return refused("EINVAL", `xen,sci_type "${type}" of ${node.path} is unknown`);
  }
}

function refused(errno: Errno, message: string): Dom0lessSci {
  return { errno, message };
}
