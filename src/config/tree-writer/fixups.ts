import { type DtValue, EditableNode, type EditableTree } from "./editable-tree.ts";

const encoder = new TextEncoder();

/**
 * The nodes that a plugin needs beside its fragments: where references to nodes of the other tree stand (`__fixups__`, by
 * label), and where those to its own do (`__local_fixups__`, which repeats the tree's structure with the offsets).
 *
 * @see dtc's Documentation/dt-object-internal.txt
 */
export function fixupNodes(tree: EditableTree): EditableNode[] {
  const places = new Map<string, string[]>();
  const local = new EditableNode("__local_fixups__", null);
  for (const node of tree.root.walk()) {
    for (const [property, value] of node.properties) noteReferences(node, property, value, places, local);
  }
  const fixups = new EditableNode("__fixups__", null);
  for (const [label, where] of places) fixups.set(label, where);
  return [fixups, local].filter(({ properties, children }) => properties.size + children.length > 0);
}

function noteReferences(
  node: EditableNode,
  property: string,
  value: DtValue,
  places: Map<string, string[]>,
  local: EditableNode,
): void {
  if (value instanceof Uint8Array) return;
  const localOffsets: number[] = [];
  let offset = 0;
  for (const item of value) {
    if (item instanceof EditableNode) localOffsets.push(offset);
    else if (typeof item === "object") {
      const where = places.get(item.label) ?? [];
      places.set(item.label, [...where, `${node.path}:${property}:${offset}`]);
    }
    offset += typeof item === "string" ? encoder.encode(item).length + 1 : 4;
  }
  if (localOffsets.length > 0) mirrorOf(node, local).set(property, localOffsets);
}

/** The node at the same place below `local`. */
function mirrorOf(node: EditableNode, local: EditableNode): EditableNode {
  return node.parent === null ? local : mirrorOf(node.parent, local).ensure(node.name);
}
