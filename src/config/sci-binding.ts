import type { DeviceTree, DtNode } from "./device-tree.ts";
import { isCompatible, readU32 } from "./dt-property.ts";

const SCI_CONTAINER = "xen,sci";
const DOM0LESS_DOMAIN = "xen,domain";
const SCMI_SHMEM = "arm,scmi-shmem";
/** The only place at which Xen looks for the host's own SCMI node. */
const HOST_SCMI_PATH = "/firmware/scmi";
/** Agent ids are below this, in the device tree and in xl.cfg. */
const AGENT_IDS = 255;

/** The containers of the multi-agent binding (v7 and later), in tree order. The agent list is that of the first. */
export function sciContainers(tree: DeviceTree): DtNode[] {
  return tree.nodes.filter((node) => isCompatible(node, SCI_CONTAINER));
}

/** Whether some node above this one, at any height, is a container of the multi-agent binding. */
export function hasSciAncestor(node: DtNode): boolean {
  for (let above = node.parent; above !== null; above = above.parent) {
    if (isCompatible(above, SCI_CONTAINER)) return true;
  }
  return false;
}

/**
 * The agent that the first container gives to dom0: null where there is none or it cannot be read, and `too-large` where it is
 * 255 or more, which Xen warns about and then takes as none.
 */
export function dom0AgentId(tree: DeviceTree): number | null | "too-large" {
  const container = tree.nodes.find((node) => isCompatible(node, SCI_CONTAINER));
  const agentId = container === undefined ? null : readU32(container, "xen,dom0-sci-agent-id");
  return agentId !== null && agentId >= AGENT_IDS ? "too-large" : agentId;
}

/** The domains that Xen itself creates at boot: the `xen,domain` nodes directly below `/chosen`, in tree order. */
export function dom0lessDomains(tree: DeviceTree): DtNode[] {
  return (tree.nodeByPath("/chosen")?.children ?? []).filter((node) => isCompatible(node, DOM0LESS_DOMAIN));
}

/** What decides which nodes are left out of dom0's device tree. */
export interface Dom0TreeOptions {
  /** Whether dom0 has an SCMI agent. */
  readonly hasAgent: boolean;
  /** Whether a multi-agent mediator is registered; without one dom0 keeps every SCMI node. */
  readonly mediatorRegistered: boolean;
}

/**
 * The nodes that construction of dom0 claims, in tree order: all that are not marked `xen,passthrough` and are not in a subtree
 * that dom0's tree leaves out. What is below a `xen,passthrough` node is looked at on its own.
 *
 * @see mediator-reference: three callers; dom0 device tree (multi-agent)
 */
export function dom0ClaimedNodes(tree: DeviceTree, options: Dom0TreeOptions): DtNode[] {
  const dropsScmi = options.mediatorRegistered && !options.hasAgent;
  const hostScmi = tree.nodeByPath(HOST_SCMI_PATH);
  const dropped = new Set<DtNode>();
  const claimed: DtNode[] = [];
  for (const node of tree.nodes) {
    if (
      (node.parent !== null && dropped.has(node.parent)) ||
      isCompatible(node, SCI_CONTAINER) ||
      isCompatible(node, DOM0LESS_DOMAIN) ||
      (dropsScmi && (node === hostScmi || isCompatible(node, SCMI_SHMEM)))
    ) {
      dropped.add(node);
    } else if (!node.properties.has("xen,passthrough")) {
      claimed.push(node);
    }
  }
  return claimed;
}
