import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isCompatible } from "../device-tree/property.ts";

const SCI_CONTAINER = "xen,sci";

/** Whether a node is a container of the binding of v7 and later. */
export function isSciContainer(node: DtNode): boolean {
  return isCompatible(node, SCI_CONTAINER);
}

/** The containers of the multi-agent binding (v7 and later), in tree order. The agent list is that of the first. */
export function sciContainers(tree: DeviceTree): DtNode[] {
  return tree.nodes.filter(isSciContainer);
}

/** Whether some node above this one, at any height, is a container of the multi-agent binding. */
export function hasSciAncestor(node: DtNode): boolean {
  for (let above = node.parent; above !== null; above = above.parent) {
    if (isSciContainer(above)) return true;
  }
  return false;
}
