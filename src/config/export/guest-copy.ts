import { hexWord } from "#base/hex.ts";
import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { isCompatible, wholeCells } from "../device-tree/property.ts";
import {
  type DtCell,
  type DtValue,
  EditableNode,
  EditableTree,
  phandleIn,
} from "../tree-writer/editable-tree.ts";
import { referenceRows } from "../tree-writer/references.ts";
import { protocolIdOf } from "./protocol-nodes.ts";

/** What toolstack and Xen give a guest's interrupt controller as phandle. */
export const GUEST_GIC_PHANDLE = 65000;

/** Of the host, or of Xen: no guest has use for them. Interrupt parents and phandles are made anew. */
const NOT_COPIED: readonly string[] = [
  "access-controllers",
  "access-controller-names",
  "interrupt-parent",
  "interrupts-extended",
  "iommu-map",
  "iommu-map-mask",
  "iommus",
  "linux,phandle",
  "phandle",
  "status",
  "xen,passthrough",
];

/** Properties that name the entries of others, and go with them. */
const NAMES_OF: ReadonlyMap<string, string> = new Map([
  ["clock-names", "clocks"],
  ["dma-names", "dmas"],
  ["phy-names", "phys"],
  ["pinctrl-names", "pinctrl-0"],
  ["power-domain-names", "power-domains"],
  ["reset-names", "resets"],
]);

/** Nodes of the host that mean the same in a guest, without the hardware behind them. */
const COPIED_ALONG = ["fixed-clock", "fixed-factor-clock", "regulator-fixed"];

/** Properties that a copy gets in place of its `reg`. */
export type Placed = readonly (readonly [property: string, value: DtValue])[];

interface Copy {
  readonly from: EditableNode;
  readonly to: EditableNode;
  /** Null: it keeps its own, as a node below a device does. */
  readonly placed: Placed | null;
}

/**
 * Copies devices of the host into a guest's tree. References to protocols of the host's SCMI node become references to the
 * guest's own; those to devices that are copied too go to the copies; what refers to anything else is left out, and said.
 */
export class GuestCopier {
  readonly #host: EditableTree;
  readonly #holders = new Map<number, EditableNode>();
  /** Nodes of the host (as its copy has them), and what stands for them in the guest. */
  readonly #inGuest = new Map<EditableNode, EditableNode>();
  readonly #bus: EditableNode;
  readonly #copies: Copy[] = [];

  /**
   * @param bus where nodes go that come along
   * @param protocols the guest's own protocol nodes, by id
   */
  constructor(tree: DeviceTree, bus: EditableNode, protocols: ReadonlyMap<number, EditableNode>) {
    this.#host = EditableTree.of(tree);
    this.#bus = bus;
    for (const node of this.#host.root.walk()) {
      const phandle = phandleIn(node);
      if (phandle !== null && !this.#holders.has(phandle)) this.#holders.set(phandle, node);
    }
    for (const node of tree.nodes) {
      const protocol = protocols.get(protocolIdOf(node) ?? -1);
      const copy = this.#host.copyOf(node);
      if (protocol !== undefined && copy !== undefined) this.#inGuest.set(copy, protocol);
    }
  }

  /** Copies a device and what is below it; how it is placed in the guest is the caller's to say. */
  copy(device: DtNode, to: EditableNode, placed: Placed): void {
    const from = this.#host.copyOf(device);
    if (from === undefined) throw new Error("bug: a node of another tree");
    this.#shape(from, to, placed);
  }

  /** Fills the copies, once all are there. */
  finish(): void {
    // Filling one may bring others along.
    for (let index = 0; index < this.#copies.length; index++) this.#fill(this.#copies[index] as Copy);
  }

  #shape(from: EditableNode, to: EditableNode, placed: Placed | null): void {
    this.#inGuest.set(from, to);
    this.#copies.push({ from, to, placed });
    for (const child of from.children) this.#shape(child, to.ensure(child.name), null);
  }

  #fill({ from, to, placed }: Copy): void {
    const lost: string[] = [];
    for (const [property, value] of from.properties) {
      const isPlaced = placed?.some(([name]) => name === property) === true;
      if (isPlaced || (property === "reg" && placed !== null)) setAll(to, placed ?? []);
      else if (property === "interrupts" && placed !== null) lost.push(property);
      else if (!NOT_COPIED.includes(property)) {
        const copied = this.#translated(from, property, value);
        if (copied === null) lost.push(property);
        else to.set(property, copied);
      }
    }
    setAll(to, placed ?? []);
    for (const [names, of] of NAMES_OF) if (lost.includes(of)) to.delete(names);
    if (lost.length === 0) return;
    const remark = `Left out, for it refers to what the guest does not have: ${lost.join(", ")}`;
    to.comment = to.comment === null ? remark : `${to.comment}\n${remark}`;
  }

  /** A value with its references as the guest has them; null where it has not all of them. */
  #translated(from: EditableNode, property: string, value: DtValue): DtValue | null {
    if (!(value instanceof Uint8Array) || value.byteLength % 4 !== 0) return value;
    const rows = referenceRows(from, property, wholeCells(value), this.#holders);
    if (rows === null) return value;
    const cells: DtCell[] = [];
    for (const cell of rows.flat()) {
      const inGuest = cell instanceof EditableNode ? this.#standIn(cell) : cell;
      if (inGuest === null) return null;
      cells.push(inGuest);
    }
    // Numbers where a node should have been: the entry was no reference, or led nowhere on the host.
    return rows.every((row) => row.some((cell) => cell instanceof EditableNode)) ? cells : null;
  }

  #standIn(node: EditableNode): EditableNode | null {
    const known = this.#inGuest.get(node) ?? this.#ofProtocol(node);
    if (known !== null) return known;
    const isPlain = COPIED_ALONG.some((compatible) => isCompatibleCopy(node, compatible));
    if (!isPlain) return null;
    const copy = this.#bus.add(freeName(this.#bus, node.name));
    this.#shape(node, copy, []);
    return copy;
  }

  /** A node below one of the host's protocols, a regulator or a group of pins say: it is the guest's too. */
  #ofProtocol(node: EditableNode): EditableNode | null {
    const above = this.#withinProtocol(node.parent);
    if (above === null) return null;
    const copy = above.ensure(node.name);
    this.#shape(node, copy, null);
    return copy;
  }

  /** What a node of a protocol is in the guest, without what is below it; null: it is of no protocol that the guest has. */
  #withinProtocol(node: EditableNode | null): EditableNode | null {
    if (node === null) return null;
    const known = this.#inGuest.get(node);
    if (known !== undefined) return known;
    const above = this.#withinProtocol(node.parent);
    if (above === null) return null;
    const copy = above.ensure(node.name);
    this.#inGuest.set(node, copy);
    this.#copies.push({ from: node, to: copy, placed: null });
    return copy;
  }
}

function setAll(node: EditableNode, properties: Placed): void {
  for (const [property, value] of properties) node.set(property, value);
}

function isCompatibleCopy(node: EditableNode, compatible: string): boolean {
  const value = node.properties.get("compatible");
  return (
    value instanceof Uint8Array &&
    isCompatible({ properties: new Map([["compatible", value]]) } as unknown as DtNode, compatible)
  );
}

/** A name that no child of `parent` has: this one, or with a number behind it. */
export function freeName(parent: EditableNode, name: string): string {
  const [base = "", ...unit] = name.split("@");
  let free = name;
  for (let number = 2; parent.child(free) !== undefined; number++)
    free = [`${base}-${number}`, ...unit].join("@");
  return free;
}

/** A node's name with the address that it has in the guest. */
export function nameAt(node: DtNode, address: number | null): string {
  const base = node.name.split("@")[0] ?? node.name;
  return address === null ? node.name : `${base}@${hexWord(address).slice(2)}`;
}
