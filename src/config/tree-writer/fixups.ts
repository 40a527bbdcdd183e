import { type DtValue, EditableNode, type EditableTree } from "./editable-tree.ts";

const encoder = new TextEncoder();

/**
 * The nodes that a plugin needs beside its fragments: where references to nodes of the other tree stand (`__fixups__`, by
 * label), and where those to its own do (`__local_fixups__`, which repeats the tree's structure with the offsets).
 *
 * @see dtc's Documentation/dt-object-internal.txt
 */
export function fixupNodes(tree: EditableTree): EditableNode[] {
  const fixups = new Fixups(tree);
  for (const node of tree.root.walk()) {
    for (const [property, value] of node.properties) fixups.note(node, property, value);
  }
  return fixups.nodes();
}

class Fixups {
  readonly #places = new Map<string, string[]>();
  readonly #local = new EditableNode("__local_fixups__", null);
  /** The node of `__local_fixups__` that stands for a node. */
  readonly #mirrors: Map<EditableNode, EditableNode>;

  constructor({ root }: EditableTree) {
    this.#mirrors = new Map([[root, this.#local]]);
  }

  note(node: EditableNode, property: string, value: DtValue): void {
    if (value instanceof Uint8Array) return;
    const localOffsets: number[] = [];
    let offset = 0;
    for (const item of value) {
      if (item instanceof EditableNode) localOffsets.push(offset);
      else if (typeof item === "object") this.#noteLabel(item.label, `${node.path}:${property}:${offset}`);
      offset += typeof item === "string" ? encoder.encode(item).length + 1 : 4;
    }
    if (localOffsets.length > 0) this.#mirrorOf(node).set(property, localOffsets);
  }

  nodes(): EditableNode[] {
    const fixups = new EditableNode("__fixups__", null);
    for (const [label, places] of this.#places) fixups.set(label, places);
    return [fixups, this.#local].filter(({ properties, children }) => properties.size + children.length > 0);
  }

  #noteLabel(label: string, place: string): void {
    const places = this.#places.get(label);
    if (places === undefined) this.#places.set(label, [place]);
    else places.push(place);
  }

  #mirrorOf(node: EditableNode): EditableNode {
    const known = this.#mirrors.get(node);
    if (known !== undefined || node.parent === null) return known ?? this.#local;
    const mirror = this.#mirrorOf(node.parent).add(node.name);
    this.#mirrors.set(node, mirror);
    return mirror;
  }
}
