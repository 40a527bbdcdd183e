import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32, wholeCells } from "../device-tree/property.ts";
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
 * @returns the devices that have another list now
 */
export function repointAccessControllers(tree: DeviceTree, { from, to }: Moved, edits: Edits): DtNode[] {
  if (from.path === to && readU32(from, CELLS) === 1) return [];
  return tree.nodes.filter((device) => {
    const items = device.properties.has(PROPERTY) ? rewritten(tree, device, from, to) : null;
    if (items !== null) edits.set(device.path, PROPERTY, items);
    return items !== null;
  });
}

/** Whether Xen has walked no entry of the management node until now: it did not say how many cells they have. */
export function isUnwalked(management: DtNode): boolean {
  return readU32(management, CELLS) === null;
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
