import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { foldCase } from "../xen/fold-case.ts";

/** The phandle of a node that only the tree has which a plugin is applied to: `&label`. */
export interface LabelReference {
  readonly label: string;
}

/** A cell: a number of 32 bits, or the phandle of a node. */
export type DtCell = number | EditableNode | LabelReference;

/**
 * The value of a property: its bytes, or what they are made of. A string is written with its NUL, everything else as a
 * big-endian cell; an empty list is the empty property. A node stands for its phandle, which it is given when the tree is
 * written, unless it has one.
 */
export type DtValue = Uint8Array | readonly (DtCell | string)[];

/** Memory that no kernel may use, bytes: an entry of the memory reservation block. */
export interface MemoryReservation {
  readonly address: bigint;
  readonly size: bigint;
}

const PHANDLE_MAX = 0xfffffffe;

/** A node of a device tree that may be changed. */
export class EditableNode {
  readonly name: string;
  /** The label it has in a source, where nothing else holds that; null: one is made of its name if it needs one. */
  label: string | null = null;
  /** Written above it in a source, or null. */
  comment: string | null = null;
  readonly #children: EditableNode[] = [];
  readonly #properties = new Map<string, DtValue>();
  readonly #remarks = new Map<string, string>();
  #parent: EditableNode | null;

  constructor(name: string, parent: EditableNode | null) {
    this.name = name;
    this.#parent = parent;
  }

  /** Null for the root, and for a node that was taken out. */
  get parent(): EditableNode | null {
    return this.#parent;
  }

  get children(): readonly EditableNode[] {
    return this.#children;
  }

  get properties(): ReadonlyMap<string, DtValue> {
    return this.#properties;
  }

  /** What is written above a property in a source. */
  get remarks(): ReadonlyMap<string, string> {
    return this.#remarks;
  }

  get path(): string {
    if (this.#parent === null) return "/";
    return this.#parent.#parent === null ? `/${this.name}` : `${this.#parent.path}/${this.name}`;
  }

  /**
   * Sets a property, where it stands or at the end.
   *
   * @param remark a comment to write above it in a source
   */
  set(property: string, value: DtValue, remark?: string): this {
    this.#properties.set(property, value);
    if (remark !== undefined) this.#remarks.set(property, remark);
    return this;
  }

  /** Takes a property out; false where there was none. */
  delete(property: string): boolean {
    this.#remarks.delete(property);
    return this.#properties.delete(property);
  }

  /** Marks it `status = "disabled"`. */
  disable(): this {
    return this.set("status", ["disabled"]);
  }

  /** The first child of this name, unit address included; case counts, as in a source. */
  child(name: string): EditableNode | undefined {
    return this.#children.find((child) => child.name === name);
  }

  /** A new child, behind the others. Two of one name are possible, as in a flattened tree; a source cannot have them. */
  add(name: string, properties: Readonly<Record<string, DtValue>> = {}): EditableNode {
    const child = new EditableNode(name, this);
    this.#children.push(child);
    for (const [property, value] of Object.entries(properties)) child.set(property, value);
    return child;
  }

  /** The first child of this name, made if there is none. */
  ensure(name: string): EditableNode {
    return this.child(name) ?? this.add(name);
  }

  /**
   * A deep copy of a node, of whatever tree, as a new child. Phandles are copied as the numbers that they are: in another tree
   * they may be taken.
   *
   * @param keep asked for each node below; one that is refused is left out with all below it
   * @param onCopy told of every node and its copy
   */
  graft(
    node: DtNode,
    keep: (node: DtNode) => boolean = () => true,
    onCopy: (node: DtNode, copy: EditableNode) => void = () => undefined,
  ): EditableNode {
    return copyInto(this.add(node.name), node, keep, onCopy);
  }

  /** Takes it out of its tree, with all below it. References to it are left as they are. */
  remove(): void {
    if (this.#parent === null) return;
    const siblings = this.#parent.#children;
    siblings.splice(siblings.indexOf(this), 1);
    this.#parent = null;
  }

  /** It and every node below it, in tree order. */
  *walk(): Generator<EditableNode> {
    yield this;
    for (const child of this.#children) yield* child.walk();
  }
}

function copyInto(
  copy: EditableNode,
  node: DtNode,
  keep: (node: DtNode) => boolean,
  onCopy: (node: DtNode, copy: EditableNode) => void,
): EditableNode {
  onCopy(node, copy);
  for (const [property, value] of node.properties) copy.set(property, value);
  for (const child of node.children) {
    if (keep(child)) copyInto(copy.add(child.name), child, keep, onCopy);
  }
  return copy;
}

/** A device tree that may be changed, and then written with `toDtb` or `toDts`. */
export class EditableTree {
  readonly root = new EditableNode("", null);
  readonly reservations: MemoryReservation[] = [];
  readonly #copies = new Map<DtNode, EditableNode>();

  /**
   * A deep copy of a tree; changing it leaves the other as it is.
   *
   * @param keep asked for each node below the root; one that is refused is left out with all below it
   */
  static of(tree: DeviceTree, keep: (node: DtNode) => boolean = () => true): EditableTree {
    const copy = new EditableTree();
    copyInto(copy.root, tree.root, keep, (node, its) => copy.#copies.set(node, its));
    return copy;
  }

  /** What a node of the tree became that this is a copy of; undefined where it was left out. */
  copyOf(node: DtNode): EditableNode | undefined {
    return this.#copies.get(node);
  }

  /** The first node in tree order with this full path: unit addresses included, case ignored. */
  nodeByPath(path: string): EditableNode | undefined {
    if (path === "/") return this.root;
    if (!path.startsWith("/")) return undefined;
    let level: readonly EditableNode[] = [this.root];
    for (const name of foldCase(path.slice(1)).split("/")) {
      level = level.flatMap(({ children }) => children.filter((child) => foldCase(child.name) === name));
    }
    return level[0];
  }

  /** The first node in tree order with this phandle. */
  nodeByPhandle(phandle: number): EditableNode | undefined {
    for (const node of this.root.walk()) {
      if (phandleIn(node) === phandle) return node;
    }
    return undefined;
  }

  /**
   * The phandle of a node, which is given one above all others if it has none. Writing it as a reference, in a list of items,
   * needs no number.
   */
  phandleOf(node: EditableNode): number {
    const known = phandleIn(node);
    if (known !== null) return known;
    const phandle = freePhandles(this).next().value as number;
    node.set("phandle", [phandle]);
    return phandle;
  }

  /** A reference to a node, as a property that holds only this. */
  setReference(node: EditableNode, property: string, target: EditableNode): void {
    node.set(property, [target]);
  }
}

/**
 * Phandles that no node holds, ever another one: above the highest, so that a number that pointed nowhere goes on doing so;
 * and the lowest free ones where there is none above.
 */
export function* freePhandles(tree: EditableTree): Generator<number, never> {
  const held = new Set<number>();
  let highest = 0;
  for (const node of tree.root.walk()) {
    const phandle = phandleIn(node);
    if (phandle === null) continue;
    held.add(phandle);
    highest = Math.max(highest, phandle);
  }
  for (let phandle = highest + 1; phandle <= PHANDLE_MAX; phandle++) yield phandle;
  for (let phandle = 1; ; phandle++) if (!held.has(phandle)) yield phandle;
}

/** The phandle that a node holds as a number, or null. */
export function phandleIn(node: EditableNode): number | null {
  const phandle = firstCell(node, "phandle") ?? firstCell(node, "linux,phandle");
  return phandle === 0 ? null : phandle;
}

/** The first cell of a property, or null where it has none or that is no number. */
export function firstCell(node: EditableNode, property: string): number | null {
  const value = node.properties.get(property);
  if (value === undefined) return null;
  if (!(value instanceof Uint8Array)) return typeof value[0] === "number" ? value[0] : null;
  if (value.byteLength < 4) return null;
  return new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0);
}
