import { isProblem } from "#base/problem.ts";
import { type DeviceTree, type DtNode, parseDeviceTree } from "#config/device-tree/fdt.ts";
import { buildDtb, type DtbNode } from "./fdt-builder.ts";

/** The tree of these bytes; throws where they are none. */
export function parsed(bytes: Uint8Array): DeviceTree {
  const tree = parseDeviceTree(bytes, "test.dtb");
  if (isProblem(tree)) throw new Error(tree.detail);
  return tree;
}

/** The device tree that `root` describes, flattened and read back. */
export function treeOf(root: DtbNode): DeviceTree {
  return parsed(buildDtb(root));
}

/** The node at `path`; throws where there is none. */
export function nodeAt(tree: DeviceTree, path: string): DtNode {
  const node = tree.nodeByPath(path);
  if (node === undefined) throw new Error(`no node ${path}`);
  return node;
}
