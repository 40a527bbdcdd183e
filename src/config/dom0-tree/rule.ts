import { isDom0lessDomain } from "../binding/dom0less.ts";
import { HOST_SCMI_PATH } from "../binding/forms.ts";
import { isSciContainer } from "../binding/xen-sci.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isCompatible } from "../device-tree/property.ts";

const SCMI_SHMEM = "arm,scmi-shmem";
/** Marks a device that is for a guest. */
export const FOR_GUEST = "xen,passthrough";

/** What of a boot decides which nodes dom0's device tree has. */
export interface Dom0TreeOptions {
  /**
   * Whether dom0 has SCMI: an agent of its own, or the only channel of the single-agent mediator, which is dom0's unless Xen was
   * started with `scmi-smc-passthrough`.
   */
  readonly hasAgent: boolean;
  /** Whether a mediator is registered, of either kind; without one dom0 keeps every SCMI node. */
  readonly mediatorRegistered: boolean;
}

/**
 * What becomes of a host node: dom0 gets it and claims it, dom0 gets it disabled because it is for a guest, or dom0's tree does
 * not have it.
 */
export type Dom0Fate = "copied" | "disabled" | "dropped";

/**
 * What becomes of every node of the host tree, in tree order. What is below a dropped node is dropped; what is below a
 * disabled one is looked at on its own.
 *
 * @see mediator-reference: dom0 device tree (single-agent), dom0 device tree (multi-agent)
 */
export function dom0Fates(tree: DeviceTree, options: Dom0TreeOptions): ReadonlyMap<DtNode, Dom0Fate> {
  const dropsScmi = options.mediatorRegistered && !options.hasAgent;
  const hostScmi = tree.nodeByPath(HOST_SCMI_PATH);
  const fates = new Map<DtNode, Dom0Fate>();
  for (const node of tree.nodes) {
    const isDropped =
      (node.parent !== null && fates.get(node.parent) === "dropped") ||
      isSciContainer(node) ||
      isDom0lessDomain(node) ||
      (dropsScmi && (node === hostScmi || isCompatible(node, SCMI_SHMEM)));
    fates.set(node, isDropped ? "dropped" : node.properties.has(FOR_GUEST) ? "disabled" : "copied");
  }
  return fates;
}

/**
 * The nodes that construction of dom0 claims, in tree order: those that its tree has as the host's has them.
 *
 * @see mediator-reference: three callers
 */
export function dom0ClaimedNodes(tree: DeviceTree, options: Dom0TreeOptions): DtNode[] {
  const fates = dom0Fates(tree, options);
  return tree.nodes.filter((node) => fates.get(node) === "copied");
}
