import { type Region, readBusRegion, readRegion } from "./address.ts";
import type { DeviceTree, DtNode } from "./device-tree.ts";
import { isAvailable, isCompatible, readU32 } from "./property.ts";

/** An SCMI node of a guest, as the guest's own kernel finds it. */
export interface GuestScmi {
  readonly node: DtNode;
  /** `arm,smc-id`: the function id that the guest will ring. */
  readonly smcId: number | null;
  /** The node that `shmem` names, or null. */
  readonly shmem: DtNode | null;
  /** Where the guest will look for its page: an address of the guest, bytes. */
  readonly page: Region | null;
}

/** A guest's partial device tree: what xl's `device_tree` names, or a dom0less domain's module. */
export interface PartialTree {
  readonly tree: DeviceTree;
  /** The node that the guest gets, with all below it; null where there is none, and the toolstack refuses the tree. */
  readonly passthrough: DtNode | null;
  /** The SCMI nodes below it that are enabled, in tree order. */
  readonly scmi: readonly GuestScmi[];
}

/**
 * What a partial tree gives its guest. Only `/passthrough` counts, and its name has to match exactly.
 *
 * @see mediator-reference: partial device tree for a Linux guest; tools/libs/light/libxl_arm.c, `copy_partial_fdt`
 */
export function readPartialTree(tree: DeviceTree): PartialTree {
  const passthrough = tree.root.children.find(({ name }) => name === "passthrough") ?? null;
  const scmi = tree.nodes
    .filter((node) => isCompatible(node, "arm,scmi-smc") && isAvailable(node) && isBelow(node, passthrough))
    .map((node) => guestScmi(tree, node));
  return { tree, passthrough, scmi };
}

function guestScmi(tree: DeviceTree, node: DtNode): GuestScmi {
  const phandle = readU32(node, "shmem");
  const shmem = (phandle === null ? undefined : tree.nodeByPhandle(phandle)) ?? null;
  // Without `ranges` a kernel finds no address; what was meant is plain all the same.
  const page = shmem === null ? null : (readRegion(shmem, 0) ?? readBusRegion(shmem, 0));
  return { node, smcId: readU32(node, "arm,smc-id"), shmem, page };
}

function isBelow(node: DtNode, above: DtNode | null): boolean {
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    if (parent === above) return true;
  }
  return false;
}
