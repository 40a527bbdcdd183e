import type { DeviceTree, DtNode } from "./device-tree.ts";
import { readU32, wholeCells } from "./property.ts";

/** One entry of a list of phandles with arguments, e.g. `<&scmi 5>`. */
export interface PhandleEntry {
  /** Position in the list, from 0. */
  readonly index: number;
  /** The node that the phandle names. */
  readonly provider: DtNode;
  /** The cells after the phandle, as many as the provider's own cells property says. */
  readonly args: number[];
}

/** A list of phandles as far as it could be walked. */
export interface PhandleList {
  readonly entries: PhandleEntry[];
  /** Whether something of the property was not reached; the entry that stopped the walk has the index `entries.length`. */
  readonly endedEarly: boolean;
}

/**
 * Walks a list of phandles with arguments. A phandle of 0, an unknown one, a provider without `cellsProperty`, or arguments
 * past the end of the property end the walk, without an error, as Xen's walk ends. An absent property is an empty list.
 *
 * @param property the list, e.g. `access-controllers`
 * @param cellsProperty the provider's property that tells how many arguments follow, e.g. `#access-controller-cells`
 */
export function walkPhandleList(
  tree: DeviceTree,
  node: DtNode,
  property: string,
  cellsProperty: string,
): PhandleList {
  const value = node.properties.get(property) ?? new Uint8Array();
  const cells = wholeCells(value);
  const entries: PhandleEntry[] = [];
  let at = 0;
  while (at < cells.length) {
    const provider = tree.nodeByPhandle(cells[at] ?? 0);
    const argCount = provider === undefined ? null : readU32(provider, cellsProperty);
    if (provider === undefined || argCount === null || at + 1 + argCount > cells.length) {
      return { entries, endedEarly: true };
    }
    entries.push({ index: entries.length, provider, args: cells.slice(at + 1, at + 1 + argCount) });
    at += 1 + argCount;
  }
  return { entries, endedEarly: value.byteLength % 4 !== 0 };
}
