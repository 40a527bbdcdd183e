import type { DeviceTree, DtNode } from "../device-tree.ts";
import { readU32 } from "../dt-property.ts";
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
    // References may be to nodes that come later.
    for (const { path } of this.#edits) ensure(changed.root, path);
    for (const [path, label] of this.#labels) ensure(changed.root, path).label = label;
    for (const { path, property, value, remark } of this.#edits) {
      const node = ensure(changed.root, path);
      if (value === null) node.delete(property);
      else {
        node.set(
          property,
          value.map((item) => (typeof item === "object" ? ensure(changed.root, item.node) : item)),
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
  readonly #base: DeviceTree;
  readonly #labels: ReadonlyMap<string, string>;
  readonly #contents = new Map<string, EditableNode>();

  constructor(base: DeviceTree, labels: ReadonlyMap<string, string>) {
    this.#base = base;
    this.#labels = labels;
  }

  /** The node of the overlay that stands for the one at a path. */
  nodeAt(path: string): EditableNode {
    const { target, below } = nearest(this.#base, path);
    return below.reduce((node, name) => node.ensure(name), this.#contentFor(target.path));
  }

  item(item: EditItem): DtCell | string {
    if (typeof item !== "object") return item;
    const node = exactNode(this.#base, item.node);
    if (node === undefined) return this.nodeAt(item.node);
    const label = this.#labels.get(node.path);
    return label === undefined ? (phandleOf(node) ?? 0) : { label };
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

function ensure(root: EditableNode, path: string): EditableNode {
  return namesOf(path).reduce((node, name) => node.ensure(name), root);
}

/** The deepest node of a tree on a path, and the names below it. */
function nearest(tree: DeviceTree, path: string): { target: DtNode; below: readonly string[] } {
  let target = tree.root;
  const names = namesOf(path);
  for (const [depth, name] of names.entries()) {
    const next = target.children.find((child) => child.name === name);
    if (next === undefined) return { target, below: names.slice(depth) };
    target = next;
  }
  return { target, below: [] };
}

function exactNode(tree: DeviceTree, path: string): DtNode | undefined {
  const { target, below } = nearest(tree, path);
  return below.length === 0 ? target : undefined;
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}
