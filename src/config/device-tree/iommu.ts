import type { DeviceTree, DtNode } from "./device-tree.ts";
import { walkPhandleList } from "./phandle-list.ts";
import { isAvailable, isCompatible } from "./property.ts";

/** The IOMMUs that Xen has a driver for, by `compatible`. */
export const DRIVEN_IOMMUS: readonly string[] = [
  "arm,mmu-400",
  "arm,mmu-401",
  "arm,mmu-500",
  "arm,smmu-v1",
  "arm,smmu-v2",
  "arm,smmu-v3",
  "renesas,ipmmu-r8a7795",
  "renesas,ipmmu-r8a7796",
  "renesas,ipmmu-r8a77961",
  "renesas,ipmmu-r8a77965",
  "renesas,ipmmu-r8a779f0",
  "renesas,ipmmu-r8a779g0",
  "renesas,rcar-gen4-ipmmu-vmsa",
];

/**
 * Whether a device is behind an IOMMU that Xen drives: its `iommus` names an available node of a known kind. Whether the host
 * uses its IOMMU at all is the board's to say.
 *
 * @see mediator-reference: the domctl chain
 */
export function isProtected(tree: DeviceTree, node: DtNode): boolean {
  return walkPhandleList(tree, node, "iommus", "#iommu-cells").entries.some(
    ({ provider }) =>
      isAvailable(provider) && DRIVEN_IOMMUS.some((compatible) => isCompatible(provider, compatible)),
  );
}
