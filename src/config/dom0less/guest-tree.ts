import type { DeviceTree } from "../device-tree/device-tree.ts";
import { EditableTree } from "../tree-writer/editable-tree.ts";
import { foldCase } from "../xen/fold-case.ts";
import { PASSTHROUGH_PROPERTIES } from "./passthrough-nodes.ts";

/** Cells that Xen and the toolstack write addresses and sizes in, at the root of a guest's tree. */
const ROOT_CELLS = 2;

/**
 * What a partial tree puts into the tree of a dom0less domain: `/passthrough` without the properties that are for Xen, and
 * `/aliases`; everything else in it is left out. What Xen makes itself (memory, processors, interrupt controller, timer, boot
 * arguments) is not here.
 *
 * @see mediator-reference: partial device tree for a Linux guest; Xen's dom0less-build.c, `domain_handle_dtb_boot_module`
 */
export function dom0lessGuestTree(partial: DeviceTree): EditableTree {
  const guest = new EditableTree();
  guest.root.set("#address-cells", [ROOT_CELLS]).set("#size-cells", [ROOT_CELLS]);
  for (const node of partial.root.children) {
    const name = foldCase(node.name);
    if (name === "aliases") guest.root.graft(node);
    if (name === "passthrough") {
      for (const copy of guest.root.graft(node).walk()) {
        for (const property of PASSTHROUGH_PROPERTIES) copy.delete(property);
      }
    }
  }
  return guest;
}
