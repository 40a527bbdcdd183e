import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readStrings } from "../device-tree/property.ts";

/** Where a tree has Xen's command line. */
export interface Bootargs {
  readonly node: DtNode;
  readonly property: string;
  readonly text: string;
}

/**
 * Xen's command line as the boot loader or the tree's author left it in `/chosen`, or null: the tree has none. `bootargs` is Xen's
 * only where dom0 has a property of its own.
 */
export function xenBootargs(tree: DeviceTree): Bootargs | null {
  const node = tree.nodeByPath("/chosen");
  if (node === undefined) return null;
  const isShared = !node.properties.has("xen,dom0-bootargs");
  for (const property of isShared ? ["xen,xen-bootargs"] : ["xen,xen-bootargs", "bootargs"]) {
    const text = readStrings(node, property)?.[0];
    if (text !== undefined) return { node, property, text };
  }
  return null;
}
