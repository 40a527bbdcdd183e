import { isProblem } from "#base/problem.ts";
import { type Region, readRegion } from "../device-tree/address.ts";
import type { DtNode } from "../device-tree/device-tree.ts";
import { type SharedInterrupt, sharedInterrupts } from "../device-tree/interrupts.ts";
import { passthroughNodes } from "../dom0less/passthrough-nodes.ts";
import { guestOf } from "../xlcfg/guest.ts";
import type { IomemRange } from "../xlcfg/iomem.ts";
import { parseXlCfg } from "../xlcfg/xlcfg.ts";
import type { ExportGuest } from "./guest.ts";
import type { ExportView } from "./view.ts";

const PAGE_BYTES = 0x1000;
/** Page of the guest at which it finds its shared memory where nobody says otherwise: outside of what Xen itself puts there. */
const SCMI_GFN = 0x22001;

/** More entries of `reg` than any device has: reading one costs the length of all. */
const REGIONS_MAX = 64;

/** A device of a guest, and what the host's tree says of it. */
export interface GuestDevice {
  readonly node: DtNode;
  /** Its registers on the host, as far as Xen can tell their addresses. */
  readonly regions: readonly Region[];
  readonly interrupts: readonly SharedInterrupt[];
}

/** Host pages that a guest gets, and what for. */
export interface GuestRange extends IomemRange {
  /** Null: nobody knows, it stands in the guest's own configuration. */
  readonly what: string | null;
}

/** What a guest gets of the host, and where it finds it. */
export interface GuestLayout {
  readonly devices: readonly GuestDevice[];
  readonly iomem: readonly GuestRange[];
  readonly irqs: readonly number[];
  /** Guest address of its shared memory, or null: it has none. */
  readonly page: number | null;
}

/**
 * Where a guest finds what it gets. Its own xl.cfg says so, where it has one; what that leaves out is added: the page of its
 * agent, and devices that were assigned later.
 */
export function guestLayout(view: ExportView, guest: ExportGuest): GuestLayout {
  const { board, tree } = view;
  const config = guest.xlcfg === null ? null : parseXlCfg(guest.xlcfg);
  const own = config === null || isProblem(config) ? null : guestOf(config, board.xen.version).guest;
  const devices = guest.devices.flatMap((path) => {
    const node = tree.nodeByPath(path);
    return node === undefined
      ? []
      : [{ node, regions: regionsOf(node), interrupts: sharedInterrupts(tree, node) }];
  });
  const iomem: GuestRange[] = [...(own?.iomem ?? []), ...mappedByXen(view, guest)].map((range) => ({
    ...range,
    what: null,
  }));
  const known = new Set(own?.dtdev.map((path) => tree.nodeByPath(path)));
  const added = devices.filter(({ node }) => !known.has(node));

  for (const { node, regions } of added) {
    for (const region of regions) addPages(iomem, region, node.path);
  }
  const shmem = guest.channel?.shmem ?? 0;
  if (shmem !== 0 && guestAddress(iomem, shmem) === null) {
    const what = `shared memory of agent ${guest.channel?.agentId}`;
    iomem.unshift({ start: pageOf(shmem), count: 1, gfn: freePage(iomem), what });
  }
  return {
    devices,
    iomem,
    irqs: [...new Set([...(own?.irqs ?? []), ...added.flatMap(irqsOf)])],
    page: shmem === 0 ? null : guestAddress(iomem, shmem),
  };
}

/** Pages that a dom0less domain was given by its partial tree. */
function mappedByXen({ partialTrees }: ExportView, { origin, name }: ExportGuest): IomemRange[] {
  const tree = origin === "dom0less" ? partialTrees.get(name) : undefined;
  const mappings = tree === undefined ? [] : passthroughNodes(tree).flatMap((node) => node.mappings ?? []);
  const pages = (bytes: bigint) => Number(bytes) / PAGE_BYTES;
  return mappings.map(({ host, size, guest }) => ({
    start: pages(host),
    count: pages(size),
    gfn: pages(guest),
  }));
}

/** Where a guest sees an address of the host, or null: it does not. */
export function guestAddress(iomem: readonly IomemRange[], address: number): number | null {
  const page = pageOf(address);
  const range = iomem.find(({ start, count }) => page >= start && page < start + count);
  return range === undefined ? null : (range.gfn + page - range.start) * PAGE_BYTES + (address % PAGE_BYTES);
}

function irqsOf({ interrupts }: GuestDevice): number[] {
  return interrupts.map(({ irq }) => irq);
}

/** Every entry of `reg` that Xen can translate; sizes of 0 are none. */
function regionsOf(node: DtNode): Region[] {
  const regions: Region[] = [];
  const bytes = node.properties.get("reg")?.byteLength ?? 0;
  for (let index = 0; index < REGIONS_MAX && index * 4 < bytes; index++) {
    const region = readRegion(node, index);
    if (region === null) break;
    if (region.size > 0) regions.push(region);
  }
  return regions;
}

/** Adds the pages of a device where the host has them, without those that are there already. */
function addPages(iomem: GuestRange[], { address, size }: Region, what: string): void {
  const end = Math.ceil((address + size) / PAGE_BYTES);
  let start = pageOf(address);
  while (start < end) {
    const known = iomem.find((range) => start >= range.start && start < range.start + range.count);
    if (known !== undefined) {
      start = known.start + known.count;
      continue;
    }
    const next = iomem
      .filter((range) => range.start > start && range.start < end)
      .map((range) => range.start);
    const stop = Math.min(end, ...next);
    iomem.push({ start, count: stop - start, gfn: start, what });
    start = stop;
  }
}

/** The page for shared memory, or the first behind it that the guest has nothing at. */
function freePage(iomem: readonly IomemRange[]): number {
  let free = SCMI_GFN;
  for (const { gfn, count } of [...iomem].sort((a, b) => a.gfn - b.gfn)) {
    if (free >= gfn) free = Math.max(free, gfn + count);
  }
  return free;
}

function pageOf(address: number): number {
  return Math.floor(address / PAGE_BYTES);
}
