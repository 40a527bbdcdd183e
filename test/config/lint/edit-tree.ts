import type { DtbNode, DtbValue } from "../../support/fdt-builder.ts";

/** Properties to set by name; null takes one away. */
export type Edits = Readonly<Record<string, DtbValue | null>>;

/** A tree with the properties of some nodes changed, by path; a node that is not there is added, and null takes one away. */
export function edited(root: DtbNode, edits: Readonly<Record<string, Edits | null>>): DtbNode {
  return Object.entries(edits).reduce(
    (tree, [path, props]) => editedAt(tree, path.split("/").slice(1), props) ?? tree,
    root,
  );
}

function editedAt(node: DtbNode, path: readonly string[], edits: Edits | null): DtbNode | null {
  const [name, ...below] = path;
  if (name === undefined || name === "") {
    if (edits === null) return null;
    const props = Object.entries({ ...Object.fromEntries(entries(node.props)), ...edits }).filter(
      (entry): entry is [string, DtbValue] => entry[1] !== null,
    );
    return { ...node, props };
  }
  const children = entries(node.children);
  const before = children.find(([child]) => child === name)?.[1];
  const after = editedAt(before ?? {}, below, edits);
  const others = before === undefined ? [...children, [name, {}] as const] : children;
  return {
    ...node,
    children: others.flatMap(([child, old]) =>
      child !== name ? [[child, old] as const] : after === null ? [] : [[child, after] as const],
    ),
  };
}

function entries<Value>(
  named: Readonly<Record<string, Value>> | readonly (readonly [string, Value])[] | undefined,
): readonly (readonly [string, Value])[] {
  if (named === undefined) return [];
  return Array.isArray(named) ? named : Object.entries(named);
}
