import type { EditableNode, EditableTree } from "./editable-tree.ts";

const NO_NODES: ReadonlyMap<string, EditableNode> = new Map();
const LABEL = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The labels of a tree's nodes: those it had when it was compiled, where it tells, those asked for, and made ones. */
export class Labels {
  readonly #ofNode = new Map<EditableNode, string[]>();
  readonly #taken: Set<string>;
  /** The number to try next for a label that was wanted before: whole trees may be full of one name. */
  readonly #next = new Map<string, number>();

  /** @param elsewhere labels of another tree, which none here may be called */
  constructor(tree: EditableTree, elsewhere: Iterable<string>) {
    this.#taken = new Set(elsewhere);
    const symbols = tree.root.child("__symbols__")?.properties ?? new Map();
    const byPath = symbols.size === 0 ? NO_NODES : nodesByPath(tree);
    for (const [label, path] of symbols) {
      const node = byPath.get(pathText(path));
      if (node !== undefined && LABEL.test(label)) this.#give(node, label);
    }
    for (const node of tree.root.walk()) {
      if (node.label !== null && !this.of(node).includes(node.label)) this.#give(node, node.label);
    }
  }

  /** All labels of a node; a symbol table may name one twice. */
  of(node: EditableNode): readonly string[] {
    return this.#ofNode.get(node) ?? [];
  }

  /** The label by which a node is referred to, made of its name if there is none yet. */
  for(node: EditableNode): string {
    return this.of(node)[0] ?? this.#give(node, labelOf(node.name));
  }

  /** Gives a label, or the first with a number behind it that is free. */
  #give(node: EditableNode, wanted: string): string {
    let number = this.#next.get(wanted) ?? 1;
    let label = number === 1 ? wanted : `${wanted}_${number}`;
    while (this.#taken.has(label)) {
      number += 1;
      label = `${wanted}_${number}`;
    }
    this.#next.set(wanted, number + 1);
    this.#taken.add(label);
    this.#ofNode.set(node, [...this.of(node), label]);
    return label;
  }
}

function nodesByPath(tree: EditableTree): Map<string, EditableNode> {
  const nodes = new Map<string, EditableNode>();
  for (const node of tree.root.walk()) if (!nodes.has(node.path)) nodes.set(node.path, node);
  return nodes;
}

/** A node's name as a label: `sram@47ff0000` is `sram_47ff0000`. */
function labelOf(name: string): string {
  const label = name.replace(/[^A-Za-z0-9_]/g, "_");
  return LABEL.test(label) ? label : `_${label}`;
}

function pathText(value: Uint8Array | readonly unknown[]): string {
  if (!(value instanceof Uint8Array)) return typeof value[0] === "string" ? value[0] : "";
  return new TextDecoder().decode(value.subarray(0, Math.max(0, value.indexOf(0))));
}
