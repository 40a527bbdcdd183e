import { isDom0lessDomain } from "./binding/dom0less.ts";
import { HOST_SCMI_PATH } from "./binding/forms.ts";
import { isSciContainer } from "./binding/xen-sci.ts";
import type { DeviceTree, DtNode } from "./device-tree.ts";
import { isCompatible } from "./dt-property.ts";

const SCMI_SHMEM = "arm,scmi-shmem";

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
      isSciContainer(node) ||
      isDom0lessDomain(node) ||
      (dropsScmi && (node === hostScmi || isCompatible(node, SCMI_SHMEM)))
    ) {
      dropped.add(node);
    } else if (!node.properties.has("xen,passthrough")) {
      claimed.push(node);
    }
  }
  return claimed;
}
