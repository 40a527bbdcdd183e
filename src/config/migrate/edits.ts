import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readU32 } from "../device-tree/property.ts";
import { type DtCell, type EditableNode, EditableTree } from "../tree-writer/editable-tree.ts";

/** A piece of a value: a cell, a string, or the phandle of the node at a path. */
export type EditItem = number | string | { readonly node: string };

/** One property that becomes something else. The node is made where there is none at the path. */
export interface Edit {
  readonly path: string;
  readonly property: string;
  /** Null: it is taken out. */
  readonly value: readonly EditItem[] | null;
  /** What an overlay sets instead of taking it out, which it cannot. */
  readonly neutral: readonly EditItem[];
  /** Written above it in a source. */
  readonly remark?: string;
}

/** Changes of a tree, which can be made in the tree itself, or written as an overlay for it. */
export class Edits {
  readonly #edits: Edit[] = [];
  readonly #labels: (readonly [path: string, label: string])[] = [];

  /** What a node is called in a source, where nothing else holds that. */
  label(path: string, label: string): void {
    this.#labels.push([path, label]);
  }

  /** Properties by node, in the order in which they were changed. */
  get touched(): ReadonlyMap<string, readonly string[]> {
    const touched = new Map<string, string[]>();
    for (const { path, property } of this.#edits) touched.set(path, [...(touched.get(path) ?? []), property]);
    return touched;
  }

  set(path: string, property: string, value: readonly EditItem[], remark?: string): void {
    this.#edits.push({ path, property, value, neutral: [], ...(remark === undefined ? {} : { remark }) });
  }

  /** Takes a property out. An overlay sets it to `neutral`, which has to mean nothing to who reads it. */
  drop(path: string, property: string, neutral: readonly EditItem[]): void {
    this.#edits.push({ path, property, value: null, neutral });
  }

  /** The tree as it is with the changes made. */
  applyTo(tree: DeviceTree): EditableTree {
    const changed = EditableTree.of(tree);
    const places = new Places(tree);
    const nodeAt = (path: string) => {
      const { target, below } = places.nearest(path);
      return below.reduce((node, name) => node.ensure(name), changed.copyOf(target) ?? changed.root);
    };
    // References may be to nodes that come later.
    for (const { path } of this.#edits) nodeAt(path);
    for (const [path, label] of this.#labels) nodeAt(path).label = label;
    for (const { path, property, value, remark } of this.#edits) {
      const node = nodeAt(path);
      if (value === null) node.delete(property);
      else {
        node.set(
          property,
          value.map((item) => (typeof item === "object" ? nodeAt(item.node) : item)),
          remark,
        );
      }
    }
    return changed;
  }

  /**
   * The changes as an overlay for the tree: a fragment for each node of it that something is changed in or below.
   *
   * @param labels of the tree's nodes, by path: they are referred to by label where they have one, else by phandle
   */
  overlayFor(tree: DeviceTree, labels: ReadonlyMap<string, string>): EditableTree {
    const overlay = new OverlayDraft(tree, labels);
    for (const { path } of this.#edits) overlay.nodeAt(path);
    for (const [path, label] of this.#labels) overlay.nodeAt(path).label = label;
    for (const { path, property, value, neutral, remark } of this.#edits) {
      const items = (value ?? neutral).map((item) => overlay.item(item));
      const said = value === null ? "An overlay cannot take it out: nobody reads it any more." : remark;
      overlay.nodeAt(path).set(property, items, said);
    }
    return overlay.tree;
  }
}

class OverlayDraft {
  readonly tree = new EditableTree();
  readonly #places: Places;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #contents = new Map<string, EditableNode>();

  constructor(base: DeviceTree, labels: ReadonlyMap<string, string>) {
    this.#places = new Places(base);
    this.#labels = labels;
  }

  /** The node of the overlay that stands for the one at a path. */
  nodeAt(path: string): EditableNode {
    const { target, below } = this.#places.nearest(path);
    return below.reduce((node, name) => node.ensure(name), this.#contentFor(target.path));
  }

  item(item: EditItem): DtCell | string {
    if (typeof item !== "object") return item;
    const { target, below } = this.#places.nearest(item.node);
    if (below.length > 0) return this.nodeAt(item.node);
    const label = this.#labels.get(target.path);
    return label === undefined ? (phandleOf(target) ?? 0) : { label };
  }

  #contentFor(target: string): EditableNode {
    const known = this.#contents.get(target);
    if (known !== undefined) return known;
    const name = `fragment@${this.#contents.size.toString(16)}`;
    const content = this.tree.root.add(name, { "target-path": [target] }).add("__overlay__");
    this.#contents.set(target, content);
    return content;
  }
}

/** The phandle that a node of a tree has, or null. */
export function phandleOf(node: DtNode): number | null {
  return readU32(node, "phandle") ?? readU32(node, "linux,phandle");
}

/** The nodes of a tree by their paths as they are written. */
class Places {
  readonly #root: DtNode;
  readonly #byPath = new Map<string, DtNode>();

  constructor({ root, nodes }: DeviceTree) {
    this.#root = root;
    for (const node of nodes) if (!this.#byPath.has(node.path)) this.#byPath.set(node.path, node);
  }

  /** The deepest node of the tree on a path, and the names below it. */
  nearest(path: string): { target: DtNode; below: readonly string[] } {
    const below: string[] = [];
    for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) {
      const target = this.#byPath.get(at);
      if (target !== undefined) return { target, below };
      below.unshift(at.slice(at.lastIndexOf("/") + 1));
    }
    return { target: this.#root, below };
  }
}
