import { type Region, readBusRegion, readRegion } from "../../../device-tree/address.ts";
import type { DtNode } from "../../../device-tree/device-tree.ts";
import type { LintTree } from "../../input.ts";

/** An address of the host, or why there is none. */
export type RegionFound =
  | { readonly kind: "region"; readonly region: Region }
  /** It cannot be told from what is known of the tree. */
  | { readonly kind: "unknown" }
  | { readonly kind: "none"; readonly cause: NoRegion };

/** `bus`: the node where translation ends, or that has what cannot be read. */
export interface NoRegion {
  readonly bus: DtNode;
  readonly property: string;
  readonly why: string;
}

const UNKNOWN: RegionFound = { kind: "unknown" };

/** Where a node of shared memory lies, by its first `reg` entry. Nothing is known of no node. */
export function regionOf(host: LintTree, node: DtNode | null): RegionFound {
  if (node === null) return UNKNOWN;
  const region = readRegion(node, 0);
  if (reliesOnUnknown(host, node)) {
    const bus = busWithoutRanges(node, (above) => !host.unknown.has(above));
    return bus === null ? UNKNOWN : { kind: "none", cause: withoutRanges(bus) };
  }
  return region === null ? { kind: "none", cause: causeOf(node) } : { kind: "region", region };
}

/** Whether the address depends on properties that another tree may have. */
function reliesOnUnknown({ unknown }: LintTree, node: DtNode): boolean {
  if (unknown.size === 0) return false;
  if (unknown.has(node) && !node.properties.has("reg")) return true;
  for (let bus = node.parent; bus !== null; bus = bus.parent) {
    const { properties } = bus;
    if (!unknown.has(bus)) continue;
    const hasCells = properties.has("#address-cells") && properties.has("#size-cells");
    if (!hasCells || (bus.parent !== null && !properties.has("ranges"))) return true;
  }
  return false;
}

function causeOf(node: DtNode): NoRegion {
  if (node.parent === null || !node.properties.has("reg")) {
    return { bus: node, property: "reg", why: `${node.path} has no \`reg\`` };
  }
  if (readBusRegion(node, 0) === null) {
    return {
      bus: node,
      property: "reg",
      why: `\`reg\` of ${node.path} cannot be read with the cell counts above it`,
    };
  }
  const bus = busWithoutRanges(node, () => true);
  if (bus !== null) return withoutRanges(bus);
  return { bus: node, property: "reg", why: `the \`ranges\` above ${node.path} do not cover its address` };
}

/** The nearest node above that has no `ranges`, of those that are to be looked at; the root needs none. */
function busWithoutRanges(node: DtNode, isLookedAt: (bus: DtNode) => boolean): DtNode | null {
  for (let bus = node.parent; bus?.parent != null; bus = bus.parent) {
    if (isLookedAt(bus) && !bus.properties.has("ranges")) return bus;
  }
  return null;
}

function withoutRanges(bus: DtNode): NoRegion {
  return { bus, property: "ranges", why: `${bus.path} has no \`ranges\`` };
}
