import type { DeviceTree, DtNode } from "../device-tree.ts";
import { readU32, wholeCells } from "../dt-property.ts";
import type { EditItem, Edits } from "./edits.ts";

const PROPERTY = "access-controllers";
const CELLS = "#access-controller-cells";

/** The management node before and after. */
export interface Moved {
  readonly from: DtNode;
  readonly to: string;
}

/**
 * Points the devices' `access-controllers` to the new management node, whose entries have one cell. What Xen does not walk,
 * behind an entry that it cannot read, is left as it is; but a management node that does not say how many cells its entries have
 * is taken to have one, which is what must have been meant.
 *
 * @returns the devices whose entries nobody has walked until now, and which are granted from now on
 */
export function repointAccessControllers(tree: DeviceTree, { from, to }: Moved, edits: Edits): DtNode[] {
  const counts = new Set(tree.nodes.filter((node) => node.properties.has(PROPERTY)));
  const isUnsaid = readU32(from, CELLS) === null;
  const revived: DtNode[] = [];
  for (const device of counts) {
    const items = rewritten(tree, device, from, to);
    if (items === null) continue;
    edits.set(device.path, PROPERTY, items);
    if (isUnsaid) revived.push(device);
  }
  return revived;
}

/** The new list, or null: the management node is not in it. */
function rewritten(tree: DeviceTree, device: DtNode, from: DtNode, to: string): EditItem[] | null {
  const cells = wholeCells(device.properties.get(PROPERTY) ?? new Uint8Array(0));
  const items: EditItem[] = [];
  let isChanged = false;
  let at = 0;
  while (at < cells.length) {
    const provider = tree.nodeByPhandle(cells[at] ?? 0);
    const count =
      provider === undefined ? null : (readU32(provider, CELLS) ?? (provider === from ? 1 : null));
    if (provider === undefined || count === null || at + 1 + count > cells.length) break;
    const args = cells.slice(at + 1, at + 1 + count);
    if (provider === from) {
      items.push({ node: to }, args[0] ?? 0);
      isChanged = true;
    } else {
      items.push({ node: provider.path }, ...args);
    }
    at += 1 + count;
  }
  return isChanged ? [...items, ...cells.slice(at)] : null;
}
