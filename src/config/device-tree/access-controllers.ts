import type { DeviceTree, DtNode } from "./device-tree.ts";
import { type PhandleList, walkPhandleList } from "./phandle-list.ts";

/**
 * The entries of a device's `access-controllers`, as far as Xen's walk gets: it ends without an error at phandle 0, an
 * unknown phandle, a provider without `#access-controller-cells`, or arguments past the end; `endedEarly` tells that.
 * Which providers count, and what an empty argument list means, is the mediator's business.
 *
 * @see mediator-reference: from device to message
 */
export function accessControllers(tree: DeviceTree, node: DtNode): PhandleList {
  return walkPhandleList(tree, node, "access-controllers", "#access-controller-cells");
}
