import { HOST_SCMI_PATH } from "../binding/forms.ts";
import { cellCounts, cellsToNumber, readRegion, toCells } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32, wholeCells } from "../device-tree/property.ts";
import { EditableTree } from "../tree-writer/editable-tree.ts";
import { type Dom0TreeOptions, dom0Fates, FOR_GUEST } from "./rule.ts";

/** What of a boot decides dom0's device tree. */
export interface Dom0Outcome extends Dom0TreeOptions {
  /**
   * dom0's own channel, where Xen writes it into the host's SCMI node: versions before v5. Null: the node is copied as it is,
   * and has to be that of dom0's agent already.
   */
  readonly rewritten: { readonly funcId: number; readonly shmem: number } | null;
}

/**
 * The device tree that dom0 gets, as far as SCI and pass-through decide it. What Xen makes anew for any dom0 (memory, processors,
 * interrupt controller, timer, boot arguments) is as on the host.
 *
 * @see mediator-reference: dom0 device tree (single-agent), dom0 device tree (multi-agent)
 */
export function dom0Tree(tree: DeviceTree, outcome: Dom0Outcome): EditableTree {
  const fates = dom0Fates(tree, outcome);
  const dom0 = EditableTree.of(tree, (node) => fates.get(node) !== "dropped");
  for (const [node, fate] of fates) {
    if (fate === "disabled") dom0.copyOf(node)?.disable().delete(FOR_GUEST);
  }
  if (outcome.rewritten !== null) rewriteScmi(tree, dom0, outcome.rewritten);
  return dom0;
}

/** Makes the host's SCMI node, and the page that it names, those of dom0's channel. */
function rewriteScmi(
  tree: DeviceTree,
  dom0: EditableTree,
  { funcId, shmem }: NonNullable<Dom0Outcome["rewritten"]>,
): void {
  const scmi = tree.nodeByPath(HOST_SCMI_PATH);
  if (scmi === undefined) return;
  dom0.copyOf(scmi)?.set("arm,smc-id", [funcId]);
  const page = tree.nodeByPhandle(readU32(scmi, "shmem") ?? 0);
  const reg = page === undefined ? null : movedReg(page, shmem);
  if (page !== undefined && reg !== null) dom0.copyOf(page)?.set("reg", reg);
}

/** The `reg` of a node whose first entry is moved to a CPU address; on its own bus it moves by as much. Null: it has no address. */
function movedReg(node: DtNode, address: number): number[] | null {
  const at = readRegion(node, 0);
  const counts = node.parent === null ? null : cellCounts(node.parent);
  const cells = wholeCells(node.properties.get("reg") ?? new Uint8Array());
  if (at === null || counts === null) return null;
  // Of an address of more than two cells the first ones are no part of the number.
  const [from, to] = [Math.max(0, counts.address - 2), counts.address];
  const moved = cellsToNumber(cells.slice(from, to)) + BigInt(address - at.address);
  return [...cells.slice(0, from), ...toCells(moved, to - from), ...cells.slice(to)];
}
