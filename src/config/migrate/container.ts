import type { SciBinding } from "../binding/read-binding.ts";
import { isSciContainer } from "../binding/xen-sci.ts";
import { type CellCounts, cellCounts, toCells } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readStrings, readU32 } from "../device-tree/property.ts";
import { type OldChannels, pageRegion } from "./channels.ts";
import type { EditItem, Edits } from "./edits.ts";

/** Where the container goes in a tree that has none. */
const CONTAINER_PATH = "/chosen/xen/xen-scmi-config";
const PAGE_BYTES = 0x1000;

/** Where the new container and its management node are. */
export interface NewContainer {
  readonly path: string;
  readonly management: string;
}

/**
 * v5 and later have a container already: it is marked as today's, and says what was left to be understood.
 *
 * @returns why that cannot be, where it cannot
 */
export function markContainer(
  { list, container }: SciBinding,
  { management, rows }: OldChannels,
  edits: Edits,
): NewContainer | string {
  if (!isSciContainer(container)) {
    edits.set(container.path, "compatible", [...(readStrings(container, "compatible") ?? []), "xen,sci"]);
  }
  if (!container.properties.has("#scmi-secondary-agents-cells")) {
    edits.set(container.path, "#scmi-secondary-agents-cells", [list.cells]);
  }
  for (const page of new Set([management, ...rows].map((channel) => channel.page))) letThrough(page, edits);
  sayCells(container, edits);
  const { node } = management;
  if (readU32(node, "#access-controller-cells") !== 1) edits.set(node.path, "#access-controller-cells", [1]);
  return { path: container.path, management: node.path };
}

/** Addresses of a page reach the CPU through /chosen and the container: each of them needs `ranges`. Other buses are not ours. */
function letThrough(page: DtNode, edits: Edits): void {
  for (let above = page.parent; above !== null && above.parent !== null; above = above.parent) {
    const isOurs = isBelowChosen(above);
    if (isOurs && !above.properties.has("ranges")) edits.set(above.path, "ranges", []);
  }
}

function isBelowChosen(node: DtNode): boolean {
  let top = node;
  while (top.parent !== null && top.parent.parent !== null) top = top.parent;
  return top.name.toLowerCase() === "chosen";
}

/** Xen inherits the counts of cells; nobody else does. */
function sayCells(bus: DtNode, edits: Edits): void {
  const counts = cellCounts(bus);
  if (counts === null) return;
  if (!bus.properties.has("#address-cells")) edits.set(bus.path, "#address-cells", [counts.address]);
  if (!bus.properties.has("#size-cells")) edits.set(bus.path, "#size-cells", [counts.size]);
}

/**
 * Before v5 there was none: it is made, with pages of its own, and a management node in the place of the host's. Rows start with
 * the function id from now on.
 *
 * @returns why that cannot be, where it cannot
 */
export function makeContainer(
  tree: DeviceTree,
  { list }: SciBinding,
  { management, rows }: OldChannels,
  edits: Edits,
): NewContainer | string {
  const path = freePath(tree, CONTAINER_PATH);
  const counts = openBuses(tree, ["/chosen", "/chosen/xen"], edits);
  edits.set(path, "compatible", ["xen,sci"]);
  setBus(path, counts, edits);
  const pages = new Map<number, string>();
  const cells: EditItem[] = [];
  for (const channel of [management, ...rows]) {
    const region = pageRegion(channel);
    if (typeof region === "string") return region;
    const page = `${path}/sram@${region.address.toString(16)}`;
    pages.set(region.address, page);
    if (channel !== management) cells.push(channel.funcId, { node: page }, channel.agentId ?? 0);
  }
  edits.set(path, "#scmi-secondary-agents-cells", [3]);
  edits.set(path, "scmi-secondary-agents", cells, "Function id, page, agent.");
  for (const [address, page] of pages) {
    edits.set(page, "compatible", ["arm,scmi-shmem"]);
    edits.set(page, "reg", [
      ...toCells(BigInt(address), counts.address),
      ...toCells(BigInt(PAGE_BYTES), counts.size),
    ]);
  }
  const scmi = `${path}/scmi`;
  const own = pageRegion(management);
  if (typeof own === "string") return own;
  edits.set(scmi, "compatible", ["arm,scmi-smc"]);
  edits.set(scmi, "arm,smc-id", [management.funcId]);
  edits.set(scmi, "shmem", [{ node: pages.get(own.address) ?? "" }]);
  edits.set(scmi, "#address-cells", [1]);
  edits.set(scmi, "#size-cells", [0]);
  edits.set(scmi, "#access-controller-cells", [1]);
  edits.label(scmi, "scmi_xen");
  edits.drop(list.node.path, list.property, []);
  return { path, management: scmi };
}

/**
 * Lets addresses through the nodes on the way, whether they are there or not. Cells that they count in already stay as they are;
 * the others are told what Xen inherits.
 *
 * @returns the counts that hold below the last
 */
function openBuses(tree: DeviceTree, paths: readonly string[], edits: Edits): CellCounts {
  let counts = cellCounts(tree.root) ?? { address: 2, size: 2 };
  for (const path of paths) {
    const node = tree.nodeByPath(path);
    if (node === undefined) {
      setBus(path, counts, edits);
      continue;
    }
    counts = cellCounts(node) ?? counts;
    sayCells(node, edits);
    if (!node.properties.has("ranges")) edits.set(node.path, "ranges", []);
  }
  return counts;
}

function setBus(path: string, counts: CellCounts, edits: Edits): void {
  edits.set(path, "#address-cells", [counts.address]);
  edits.set(path, "#size-cells", [counts.size]);
  edits.set(path, "ranges", []);
}

function freePath(tree: DeviceTree, wanted: string): string {
  let path = wanted;
  for (let number = 2; tree.nodeByPath(path) !== undefined; number++) path = `${wanted}-${number}`;
  return path;
}
