import type { DtNode } from "../../../device-tree.ts";
import { isAvailable, isCompatible } from "../../../dt-property.ts";
import { isOverlay } from "../../../overlay/fragments.ts";
import { readPartialTree } from "../../../partial-tree.ts";
import type { Check, Report } from "../../check.ts";
import { guestName } from "../../guest-places.ts";
import type { LintTree } from "../../input.ts";

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

function isScmi(node: DtNode): boolean {
  return isCompatible(node, "arm,scmi-smc") && isAvailable(node);
}
