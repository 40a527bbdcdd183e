import { type CellCounts, cellsToNumber } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32, wholeCells } from "../device-tree/property.ts";
import { foldCase } from "../xen/fold-case.ts";

/** A node of a dom0less domain's partial tree that asks for something of the host. */
export interface PassthroughNode {
  /** Its own path, in the partial tree. */
  readonly path: string;
  /** `xen,path`: the host's node whose device the domain gets, or null. */
  readonly hostPath: string | null;
  /** `xen,reg`: memory of the host that the domain gets, or null where the node has no such property. */
  readonly mappings: readonly MmioMapping[] | null;
  /** `xen,force-assign-without-iommu`: nothing has to be behind an IOMMU. */
  readonly force: boolean;
}

/** An entry of `xen,reg`. Addresses and size are bytes, 64 bits each. */
export interface MmioMapping {
  readonly host: bigint;
  readonly size: bigint;
  readonly guest: bigint;
}

/** What Xen takes where a node has no cells properties of its own; it inherits none here. */
const ADDRESS_CELLS = 2;
const SIZE_CELLS = 1;

/** The properties that are for Xen: the guest does not get them. */
export const PASSTHROUGH_PROPERTIES: readonly string[] = [
  "xen,reg",
  "xen,path",
  "xen,force-assign-without-iommu",
];

/**
 * The nodes of a partial tree that have `xen,reg` or `xen,path`, in tree order, which is the order in which Xen takes them. Only
 * `/passthrough` and what is below it counts; case is ignored in that name, though not by the toolstack.
 *
 * @see mediator-reference: partial device tree for a Linux guest; Xen's dom0less-build.c, `handle_prop_pfdt`
 */
export function passthroughNodes(tree: DeviceTree): PassthroughNode[] {
  const bus = { address: ADDRESS_CELLS, size: SIZE_CELLS };
  return tree.root.children
    .filter(({ name }) => foldCase(name) === "passthrough")
    .flatMap((node) => [...nodesBelow(node, bus)]);
}

function* nodesBelow(node: DtNode, cells: CellCounts): Generator<PassthroughNode> {
  const [reg, path] = [node.properties.get("xen,reg"), node.properties.get("xen,path")];
  if (reg !== undefined || path !== undefined) {
    yield {
      path: node.path,
      hostPath: path === undefined ? null : textOf(path),
      mappings: reg === undefined ? null : readMappings(wholeCells(reg), cells),
      force: node.properties.has("xen,force-assign-without-iommu"),
    };
  }
  const below = {
    address: readU32(node, "#address-cells") ?? ADDRESS_CELLS,
    size: readU32(node, "#size-cells") ?? SIZE_CELLS,
  };
  for (const child of node.children) yield* nodesBelow(child, below);
}

/** Whole entries only: what is left over at the end is not looked at. */
function readMappings(cells: readonly number[], { address, size }: CellCounts): MmioMapping[] {
  const entryCells = 2 * address + size;
  const count = entryCells === 0 ? 0 : Math.floor(cells.length / entryCells);
  return Array.from({ length: count }, (_, entry) => {
    const at = entry * entryCells;
    const [sizeAt, guestAt] = [at + address, at + address + size];
    return {
      host: cellsToNumber(cells.slice(at, sizeAt)),
      size: cellsToNumber(cells.slice(sizeAt, guestAt)),
      guest: cellsToNumber(cells.slice(guestAt, at + entryCells)),
    };
  });
}

/** A value as the text up to its NUL, or all of it. */
function textOf(value: Uint8Array): string {
  const end = value.indexOf(0);
  return new TextDecoder().decode(end === -1 ? value : value.subarray(0, end));
}
