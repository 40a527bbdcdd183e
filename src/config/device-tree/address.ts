import type { DtNode } from "./device-tree.ts";
import { readU32, wholeCells } from "./property.ts";

/** A piece of physical memory, bytes. Both are below 2^53. */
export interface Region {
  readonly address: number;
  readonly size: number;
}

const ADDRESS_CELLS_MAX = 4;
/** Xen counts cells in a signed 32-bit number. */
const SIZE_CELLS_MAX = 0x7fffffff;
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
/** What holds where no node up to the root says otherwise. */
const ROOT_ADDRESS_CELLS = 2;
const ROOT_SIZE_CELLS = 1;

/** How addresses below a node are written. */
export interface CellCounts {
  readonly address: number;
  readonly size: number;
}

/**
 * Entry `index` of a node's `reg`, translated to a CPU address as Xen does it: cell counts are inherited from above, every
 * node between this one and the root needs `ranges` (the root needs none), and an address in a `ranges` with more than two
 * address cells must match an entry exactly.
 *
 * @returns null where Xen cannot read or translate it, or where address or size is 2^53 or more. PCI buses are not known.
 * @see mediator-reference: address translation; Xen's device tree code, `dt_device_get_address`
 */
export function readRegion(node: DtNode, index: number): Region | null {
  const entry = regEntry(node, index);
  return entry === null ? null : region(translate(entry.bus, entry.counts, entry.address), entry.size);
}

/** Entry `index` of a node's `reg` as it is written, an address on the node's own bus; null where Xen cannot read it. */
export function readBusRegion(node: DtNode, index: number): Region | null {
  const entry = regEntry(node, index);
  return entry === null ? null : region(cellsToNumber(entry.address), entry.size);
}

interface RegEntry {
  readonly bus: DtNode;
  readonly counts: CellCounts;
  readonly address: readonly number[];
  readonly size: bigint;
}

function regEntry({ parent: bus, properties }: DtNode, index: number): RegEntry | null {
  const reg = properties.get("reg");
  if (reg === undefined || bus === null) return null;
  const counts = cellCounts(bus);
  if (counts === null) return null;
  const cells = wholeCells(reg);
  const at = index * (counts.address + counts.size);
  if (at + counts.address + counts.size > cells.length) return null;
  const sizeAt = at + counts.address;
  return {
    bus,
    counts,
    address: cells.slice(at, sizeAt),
    size: cellsToNumber(cells.slice(sizeAt, sizeAt + counts.size)),
  };
}

function region(address: bigint | null, size: bigint): Region | null {
  return address === null || size > MAX_SAFE || address > MAX_SAFE
    ? null
    : { address: Number(address), size: Number(size) };
}

/** Takes an address on the bus that `bus` is up to the root. */
function translate(bus: DtNode, busCounts: CellCounts, busAddress: readonly number[]): bigint | null {
  let counts = busCounts;
  let address = busAddress;
  for (let node = bus; node.parent !== null; node = node.parent) {
    const above = cellCounts(node.parent);
    if (above === null) return null;
    const next = translateOnce(node, counts, above, address);
    if (next === null) return null;
    address = next;
    counts = above;
  }
  return cellsToNumber(address);
}

/** Takes an address below `node` to the bus above it, by the node's `ranges`. */
function translateOnce(
  node: DtNode,
  counts: CellCounts,
  above: CellCounts,
  address: readonly number[],
): number[] | null {
  const ranges = node.properties.get("ranges");
  if (ranges === undefined) return null;
  if (ranges.byteLength === 0) return toCells(cellsToNumber(address), above.address);
  const cells = wholeCells(ranges);
  const rowCells = counts.address + above.address + counts.size;
  for (let at = 0; at + rowCells <= cells.length; at += rowCells) {
    const parentAt = at + counts.address;
    const sizeAt = parentAt + above.address;
    const start = cells.slice(at, parentAt);
    const offset = offsetInRange(address, start, cellsToNumber(cells.slice(sizeAt, at + rowCells)));
    if (offset !== null) return toCells(cellsToNumber(cells.slice(parentAt, sizeAt)) + offset, above.address);
  }
  return null;
}

function offsetInRange(address: readonly number[], start: readonly number[], size: bigint): bigint | null {
  // More than two cells are no plain number but an identifier, which has to be the same.
  if (address.length > 2 && address.some((cell, at) => cell !== start[at])) return null;
  const offset = cellsToNumber(address) - cellsToNumber(start);
  return offset >= 0n && offset < size ? offset : null;
}

/** The cell counts for what is below `bus`, or null where an address cannot be translated with them. */
export function cellCounts(bus: DtNode): CellCounts | null {
  const address = inheritedCount(bus, "#address-cells", ROOT_ADDRESS_CELLS);
  const size = inheritedCount(bus, "#size-cells", ROOT_SIZE_CELLS);
  if (address === null || size === null) return null;
  const usable = address >= 1 && address <= ADDRESS_CELLS_MAX && size >= 1 && size <= SIZE_CELLS_MAX;
  return usable ? { address, size } : null;
}

/** The property of the nearest node that has it, from `bus` upwards; null where that one is too short to be read. */
function inheritedCount(bus: DtNode, property: string, otherwise: number): number | null {
  for (let node: DtNode | null = bus; node !== null; node = node.parent) {
    if (node.properties.has(property)) return readU32(node, property);
  }
  return otherwise;
}

/** Big-endian cells as one unsigned number, of which the lowest 64 bits count. */
export function cellsToNumber(cells: readonly number[]): bigint {
  return cells.slice(-2).reduce((high, cell) => (high << 32n) | BigInt(cell), 0n);
}

/** A number as so many cells; what does not fit is cut off. */
export function toCells(value: bigint, count: number): number[] {
  return Array.from({ length: count }, (_, cell) =>
    Number(BigInt.asUintN(32, value >> BigInt(32 * (count - 1 - cell)))),
  );
}
