import { type Problem, problem } from "#base/problem.ts";
import { cellsToNumber, type Region } from "../device-tree/address.ts";
import { isProtected } from "../device-tree/iommu.ts";
import { readCells, readU32 } from "../device-tree/property.ts";
import { type DtValue, type EditableNode, EditableTree } from "../tree-writer/editable-tree.ts";
import { addSharedPage, makeBus, makeScmi, pairOfCells } from "../tree-writer/nodes.ts";
import type { ExportGuest } from "./guest.ts";
import { freeName, GUEST_GIC_PHANDLE, GuestCopier, nameAt, type Placed } from "./guest-copy.ts";
import { type GuestDevice, type GuestLayout, guestAddress, guestLayout } from "./layout.ts";
import { addProtocols } from "./protocol-nodes.ts";
import type { ExportView } from "./view.ts";

const PAGE_BYTES = 0x1000;

/** Who reads a partial tree: the toolstack, or Xen while it builds a dom0less domain. */
export type PartialTreeReader = "xl" | "dom0less";

/**
 * The partial device tree of a guest: its SCMI node, with the function id of its agent and a node for each protocol that the
 * firmware offers, its shared memory, and its devices where its `iomem` puts them. For Xen itself each node also says what of
 * the host it stands for.
 *
 * @returns `not-exportable` where the guest has nothing that could be in such a tree
 * @see mediator-reference: partial device tree for a Linux guest
 */
export function exportPartialTree(
  view: ExportView,
  guest: ExportGuest,
  reader: PartialTreeReader,
): EditableTree | Problem {
  const what = `a partial tree of domain ${guest.name}`;
  if (guest.origin === "dom0") {
    return problem("not-exportable", {
      what,
      why: "dom0 gets the host device tree; scmictl export dom0-tree writes it",
    });
  }
  if (guest.channel === null && guest.devices.length === 0) {
    return problem("not-exportable", { what, why: "it has neither an agent nor devices" });
  }
  return new PartialTreeBuilder(view, guest, reader).build();
}

class PartialTreeBuilder {
  readonly #view: ExportView;
  readonly #guest: ExportGuest;
  readonly #isForXen: boolean;
  readonly #layout: GuestLayout;
  readonly #tree = new EditableTree();
  readonly #bus: EditableNode;

  constructor(view: ExportView, guest: ExportGuest, reader: PartialTreeReader) {
    this.#view = view;
    this.#guest = guest;
    this.#isForXen = reader === "dom0less";
    this.#layout = guestLayout(view, guest);
    this.#tree.root.set("#address-cells", [2]).set("#size-cells", [2]);
    this.#bus = this.#tree.root.add("passthrough", { compatible: ["simple-bus"] });
  }

  build(): EditableTree {
    makeBus(this.#bus);
    const protocols = this.#addScmi();
    const devices = this.#layout.devices.filter(({ regions }) => regions.length > 0);
    if (devices.some(({ interrupts }) => interrupts.length > 0)) {
      this.#bus.set(
        "interrupt-parent",
        [GUEST_GIC_PHANDLE],
        "What a guest's interrupt controller is always called.",
      );
    }
    const copier = new GuestCopier(this.#view.tree, this.#bus, protocols);
    for (const device of devices) this.#addDevice(copier, device);
    copier.finish();
    const absent = this.#layout.devices.filter(({ regions }) => regions.length === 0);
    if (absent.length > 0) {
      this.#bus.comment = `Without registers that Xen could map, and so not here: ${absent.map(({ node }) => node.path).join(", ")}`;
    }
    return this.#tree;
  }

  /** The guest's channel and what the firmware offers behind it. */
  #addScmi(): Map<number, EditableNode> {
    const { channel } = this.#guest;
    if (channel === null) return new Map();
    const page = this.#layout.page === null ? null : addSharedPage(this.#bus, this.#layout.page);
    if (page !== null && this.#isForXen) {
      page.set("xen,reg", this.#mapping([{ address: channel.shmem, size: PAGE_BYTES }]));
      page.set("xen,force-assign-without-iommu", []);
    }
    const firmware = this.#bus.add("firmware", { compatible: ["simple-bus"] });
    const scmi = makeScmi(makeBus(firmware).add("scmi"), channel.guestFuncId, page);
    return addProtocols(scmi, this.#view.board.firmware, channel.agentId);
  }

  #addDevice(copier: GuestCopier, { node, regions, interrupts }: GuestDevice): void {
    const places = regions.map((region) => this.#placeOf(region));
    const copy = this.#bus.add(freeName(this.#bus, nameAt(node, places[0] ?? null)));
    const reg = regions.flatMap(({ size }, index) => [
      ...pairOfCells(places[index] as number),
      ...pairOfCells(size),
    ]);
    const cells = interrupts.flatMap((interrupt) => interrupt.cells);
    const windows = this.#windowsOf(node);
    const placed: Placed = [
      ["reg", reg],
      ...this.#forXen(node, regions),
      ...(cells.length === 0 ? [] : [["interrupts", cells] as const]),
      ...(windows === null ? [] : [["ranges", windows] as const]),
    ];
    copier.copy(node, copy, placed);
  }

  /** What Xen itself has to be told of a device: which one it is, where its registers go, and that no IOMMU is in front of it. */
  #forXen(node: GuestDevice["node"], regions: readonly Region[]): Placed {
    if (!this.#isForXen) return [];
    const isDriven = this.#view.board.xen.iommu && isProtected(this.#view.tree, node);
    return [
      ["xen,path", [node.path]],
      ["xen,reg", this.#mapping(regions)],
      ...(isDriven ? [] : [["xen,force-assign-without-iommu", []] as const]),
    ];
  }

  /** Where the guest sees a region; where its iomem leaves it out, as Xen's own mapping would be: where the host has it. */
  #placeOf({ address }: Region): number {
    return guestAddress(this.#layout.iomem, address) ?? address;
  }

  /** `xen,reg`: whole pages of the host, and where the guest has them. */
  #mapping(regions: readonly Region[]): number[] {
    return regions.flatMap(({ address, size }) => {
      const [start, end] = [pageDown(address), pageDown(address + size + PAGE_BYTES - 1)];
      const guest = pageDown(this.#placeOf({ address, size }));
      return [...pairOfCells(start), ...pairOfCells(end - start), ...pairOfCells(guest)];
    });
  }

  /** `ranges` of a device that is a bus itself, its addresses above counted in two cells; null: it has none to be changed. */
  #windowsOf(node: GuestDevice["node"]): DtValue | null {
    const cells = readCells(node, "ranges");
    const above = node.parent === null ? null : readU32(node.parent, "#address-cells");
    const [address, size] = [readU32(node, "#address-cells"), readU32(node, "#size-cells")];
    if (cells === null || above === null || above === 2 || address === null || size === null) return null;
    const row = address + above + size;
    if (row === 0 || cells.length % row !== 0) return null;
    const rows = Array.from({ length: cells.length / row }, (_, index) =>
      cells.slice(index * row, (index + 1) * row),
    );
    return rows.flatMap((entry) => [
      ...entry.slice(0, address),
      ...pairOfCells(Number(cellsToNumber(entry.slice(address, address + above)))),
      ...entry.slice(address + above),
    ]);
  }
}

function pageDown(address: number): number {
  return Math.floor(address / PAGE_BYTES) * PAGE_BYTES;
}
