import type { DeviceTree, DtNode } from "./device-tree.ts";
import { walkPhandleList } from "./phandle-list.ts";
import { readCells, readU32 } from "./property.ts";

/** A GIC's interrupts have three cells: the kind, the number within it, the trigger. */
const GIC_CELLS = 3;
const KIND_SHARED = 0;
/** Shared interrupts begin behind the private ones of a CPU. */
const SHARED_FIRST = 32;

/** A shared interrupt of a GIC. */
export interface SharedInterrupt {
  /** As Xen and xl count it: the number in the tree plus 32. */
  readonly irq: number;
  /** As a device tree says it. */
  readonly cells: readonly number[];
}

/**
 * The shared interrupts of a device. What is no GIC's is left out.
 *
 * @see Documentation/devicetree/bindings/interrupt-controller/arm,gic-v3.yaml
 */
export function sharedInterrupts(tree: DeviceTree, node: DtNode): SharedInterrupt[] {
  const extended = walkPhandleList(tree, node, "interrupts-extended", "#interrupt-cells").entries;
  const specifiers = extended.length > 0 ? extended.map(({ args }) => args) : ownSpecifiers(tree, node);
  return specifiers.flatMap((cells) => {
    const [kind, number] = cells;
    const isShared = kind === KIND_SHARED && number !== undefined && cells.length === GIC_CELLS;
    return isShared ? [{ irq: number + SHARED_FIRST, cells }] : [];
  });
}

function ownSpecifiers(tree: DeviceTree, node: DtNode): number[][] {
  const cells = readCells(node, "interrupts");
  if (cells === null || interruptCells(tree, node) !== GIC_CELLS) return [];
  const specifiers: number[][] = [];
  for (let at = 0; at + GIC_CELLS <= cells.length; at += GIC_CELLS)
    specifiers.push(cells.slice(at, at + GIC_CELLS));
  return specifiers;
}

/** Cells of an interrupt of the controller that a node's interrupts go to, or null. */
function interruptCells(tree: DeviceTree, node: DtNode): number | null {
  for (let above: DtNode | null = node; above !== null; above = above.parent) {
    const phandle = readU32(above, "interrupt-parent");
    if (phandle === null) continue;
    const controller = tree.nodeByPhandle(phandle);
    return controller === undefined ? null : readU32(controller, "#interrupt-cells");
  }
  return null;
}
