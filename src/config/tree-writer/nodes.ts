import type { EditableNode } from "./editable-tree.ts";

const PAGE_BYTES = 0x1000;

/** A number of 64 bits, below 2^53, as two cells. */
export function pairOfCells(value: number): [high: number, low: number] {
  return [Math.floor(value / 2 ** 32), value >>> 0];
}

/** Makes a node count addresses and sizes of what is below it in two cells each, and see them as what is above it does. */
export function makeBus(node: EditableNode): EditableNode {
  return node.set("#address-cells", [2]).set("#size-cells", [2]).set("ranges", []);
}

/** Adds the node of a page of shared memory, below a node that is a bus of two cells. */
export function addSharedPage(bus: EditableNode, address: number): EditableNode {
  const page = bus.add(`sram@${address.toString(16)}`, { compatible: ["arm,scmi-shmem"] });
  return page.set("reg", [...pairOfCells(address), ...pairOfCells(PAGE_BYTES)]);
}

/** Makes a node an SCMI node over SMC. */
export function makeScmi(node: EditableNode, funcId: number, page: EditableNode | null): EditableNode {
  node.set("compatible", ["arm,scmi-smc"]).set("arm,smc-id", [funcId]);
  if (page !== null) node.set("shmem", [page]);
  return node.set("#address-cells", [1]).set("#size-cells", [0]);
}
