import type { DtNode } from "../../../device-tree/device-tree.ts";
import { isProtected } from "../../../device-tree/iommu.ts";
import { readPartialTree } from "../../../device-tree/partial-tree.ts";
import { isAvailable, isCompatible } from "../../../device-tree/property.ts";
import { passthroughFault } from "../../../dom0less/passthrough-fault.ts";
import { passthroughNodes as nodesOf, type PassthroughNode } from "../../../dom0less/passthrough-nodes.ts";
import { isOverlay } from "../../../overlay/fragments.ts";
import type { Check, Report } from "../../check.ts";
import { guestName } from "../../guest-places.ts";
import type { LintInput, LintTree } from "../../input.ts";

/** DM017, DM018: of a partial tree the guest gets `/passthrough`, and nothing else. */
export const partialTrees: Check = ({ guests, partials }, report) => {
  for (const guest of guests) {
    if (guest.partial !== null) checkPartial(guest.partial, guestName(guest), true, report);
  }
  for (const partial of partials) checkPartial(partial, `the guest of ${partial.file}`, false, report);
};

/** Only the toolstack insists on the node. */
function checkPartial(partial: LintTree, domain: string, isToolstack: boolean, report: Report): void {
  // An overlay for a partial tree says what is in it only together with that.
  if (isOverlay(partial.tree)) return;
  const { passthrough, scmi } = readPartialTree(partial.tree);
  if (passthrough === null) {
    if (isToolstack) report("DM017", { ...partial.locate(partial.tree.root), node: "/" }, { domain });
    return;
  }
  if (scmi.length > 0) return;
  for (const node of partial.tree.nodes.filter(isScmi)) {
    report("DM018", partial.locate(node), { domain, node: node.path });
  }
}

/** DM019: what Xen refuses of a dom0less domain's partial tree. A guest of the toolstack has none of these properties. */
export const passthroughNodes: Check = (input, report) => {
  for (const partial of input.partials) {
    for (const asked of nodesOf(partial.tree)) {
      const why = passthroughFault(asked) ?? hostFault(input, asked);
      const node = partial.tree.nodeByPath(asked.path);
      if (why === null || node === undefined) continue;
      const property = asked.hostPath === null ? "xen,reg" : "xen,path";
      report("DM019", partial.locate(node, property), { domain: `the guest of ${partial.file}`, why });
    }
  }
};

/** What is wrong with a node that is well-formed, or null: nothing, as far as the host is known. */
function hostFault({ host, xen }: LintInput, { path, hostPath, force }: PassthroughNode): string | null {
  if (host === null || !host.whole || hostPath === null) return null;
  const device = host.tree.nodeByPath(hostPath);
  if (device === undefined) return `xen,path of ${path}: the host has no node ${hostPath}`;
  if (force || (xen.iommu !== false && isProtected(host.tree, device))) return null;
  return `${hostPath}, which ${path} asks for, is behind no IOMMU`;
}

function isScmi(node: DtNode): boolean {
  return isCompatible(node, "arm,scmi-smc") && isAvailable(node);
}
