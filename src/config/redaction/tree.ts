import { isProblem } from "#base/problem.ts";
import { cellCounts, cellsToNumber, readRegion, toCells } from "../device-tree/address.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { parseDeviceTree } from "../device-tree/fdt.ts";
import { DRIVEN_IOMMUS } from "../device-tree/iommu.ts";
import { readU32, wholeCells } from "../device-tree/property.ts";
import { type EditableNode, EditableTree } from "../tree-writer/editable-tree.ts";
import { toDtb } from "../tree-writer/to-dtb.ts";
import { foldCase } from "../xen/fold-case.ts";
import { SCI_TYPES } from "../xen/sci-type.ts";
import { redactCmdline } from "./cmdline.ts";
import type { StandIns } from "./stand-ins.ts";

/** Properties whose numbers and words a rule decides by: they stay as they are. */
const KEPT: ReadonlySet<string> = new Set([
  "phandle",
  "linux,phandle",
  "#address-cells",
  "#size-cells",
  "arm,smc-id",
  "shmem",
  "scmi-secondary-agents",
  "#scmi-secondary-agents-cells",
  "xen,scmi-secondary-agents",
  "epam,secondary-agents",
  "xen,dom0-sci-agent-id",
  "xen,sci-agent-id",
  "xen,sci_agent_id",
  "access-controllers",
  "#access-controller-cells",
  "iommus",
  "#iommu-cells",
  "interrupts",
  "interrupts-extended",
  "interrupt-parent",
  "#interrupt-cells",
]);
/** Properties that count by being there. */
const MARKS: ReadonlySet<string> = new Set(["xen,passthrough", "xen,force-assign-without-iommu"]);
const CMDLINES: ReadonlySet<string> = new Set(["xen,xen-bootargs", "bootargs"]);
/** Properties of texts, and the texts that a rule looks for in them; all others have stand-ins. */
const TEXTS: { readonly [property: string]: readonly string[] | undefined } = {
  status: ["okay", "ok", "disabled", "reserved", "fail"],
  passthrough: ["enabled", "disabled"],
  "xen,sci_type": SCI_TYPES,
  "xen,arm_sci": SCI_TYPES,
  compatible: [
    "xen,sci",
    "xen,domain",
    "arm,scmi-smc",
    "arm,scmi-shmem",
    "multiboot,device-tree",
    ...DRIVEN_IOMMUS,
  ],
};

/** Every property that a rule reads: it is kept, or has stand-ins; all others are left out. */
export const READ_PROPERTIES: ReadonlySet<string> = new Set([
  ...KEPT,
  ...MARKS,
  ...CMDLINES,
  ...Object.keys(TEXTS),
  "reg",
  "ranges",
  "xen,path",
  "xen,reg",
  "xen,dom0-bootargs",
]);

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A flattened device tree with stand-ins: every node is there, and of its properties those that a rule reads. Of addresses only those
 * of pages that somebody names by phandle are left, each as the CPU sees it: the buses above them map one to one.
 */
export function redactTree(bytes: Uint8Array, file: string, standIns: StandIns): Uint8Array {
  const tree = parseDeviceTree(bytes, file);
  if (isProblem(tree)) throw new Error(`bug: a recorded device tree cannot be read: ${tree.detail}`);
  const copy = new EditableTree();
  new TreeRedaction(tree, standIns).copy(tree.root, copy.root);
  return toDtb(copy);
}

class TreeRedaction {
  readonly #standIns: StandIns;
  /** Nodes that keep a `reg`, with the address that it comes to, and the buses above them. */
  readonly #pages = new Map<DtNode, { readonly address: number; readonly size: number }>();
  readonly #buses = new Set<DtNode>();

  constructor(tree: DeviceTree, standIns: StandIns) {
    this.#standIns = standIns;
    for (const node of pagesOf(tree)) {
      const region = readRegion(node, 0);
      if (region === null) continue;
      this.#pages.set(node, region);
      for (let bus = node.parent; bus !== null; bus = bus.parent) this.#buses.add(bus);
    }
    standIns.place([...this.#pages.values()].map(({ address }) => address));
  }

  copy(node: DtNode, into: EditableNode): void {
    for (const [property, value] of node.properties) {
      const redacted = this.#property(node, property, value);
      if (redacted !== null) into.set(property, redacted);
    }
    for (const child of node.children) this.copy(child, into.add(this.#standIns.name(child.name)));
  }

  /** A property's value with stand-ins, or null: no rule reads it. */
  #property(
    node: DtNode,
    property: string,
    value: Uint8Array,
  ): Uint8Array | readonly (number | string)[] | null {
    if (KEPT.has(property)) return value;
    if (MARKS.has(property)) return [];
    if (CMDLINES.has(property)) return eachString(value, redactCmdline);
    const texts = TEXTS[property];
    if (texts !== undefined) {
      return eachString(value, (text) => (texts.includes(foldCase(text)) ? text : this.#standIns.word(text)));
    }
    switch (property) {
      case "xen,path":
        return eachString(value, (text) => this.#standIns.path(text));
      case "xen,dom0-bootargs":
        return [""];
      case "xen,reg":
        return this.#mappings(node, value);
      case "reg":
        return this.#standIns.choice.addresses ? this.#reg(node) : value;
      case "ranges":
        if (!this.#standIns.choice.addresses) return value;
        return this.#buses.has(node) ? [] : null;
      default:
        return null;
    }
  }

  #reg(node: DtNode): number[] | null {
    const page = this.#pages.get(node);
    const counts = node.parent === null ? null : cellCounts(node.parent);
    if (page === undefined || counts === null) return null;
    const address = BigInt(this.#standIns.address(page.address));
    return [...toCells(address, counts.address), ...toCells(BigInt(page.size), counts.size)];
  }

  /** `xen,reg`: memory of the host, its size, and where the guest sees it; cells are those of the node above, as Xen takes them. */
  #mappings({ parent }: DtNode, value: Uint8Array): number[] {
    const address = (parent === null ? null : readU32(parent, "#address-cells")) ?? 2;
    const size = (parent === null ? null : readU32(parent, "#size-cells")) ?? 1;
    const cells = wholeCells(value);
    const redacted: number[] = [];
    const entry = 2 * address + size;
    for (let at = 0; entry > 0 && at + entry <= cells.length; at += entry) {
      const [sizeAt, guestAt] = [at + address, at + address + size];
      const moved = (part: readonly number[]) =>
        toCells(this.#standIns.wideAddress(cellsToNumber(part)), address);
      redacted.push(...moved(cells.slice(at, sizeAt)));
      redacted.push(...cells.slice(sizeAt, guestAt));
      redacted.push(...moved(cells.slice(guestAt, at + entry)));
    }
    return redacted;
  }
}

/** The nodes that some node or list names as shared memory. */
function pagesOf(tree: DeviceTree): Set<DtNode> {
  const lists = ["shmem", "scmi-secondary-agents", "xen,scmi-secondary-agents", "epam,secondary-agents"];
  const named = tree.nodes.flatMap(({ properties }) =>
    lists.flatMap((property) => wholeCells(properties.get(property) ?? new Uint8Array())),
  );
  return new Set(named.flatMap((phandle) => tree.nodeByPhandle(phandle) ?? []));
}

/** A value that is a list of texts, each ended by a NUL, with each of them replaced; one that is not ended stays so. */
function eachString(value: Uint8Array, replace: (text: string) => string): Uint8Array {
  return encoder.encode(decoder.decode(value).split("\0").map(replace).join("\0"));
}
