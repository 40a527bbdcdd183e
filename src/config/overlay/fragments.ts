import type { DeviceTree, DtNode } from "../device-tree/device-tree.ts";
import { readStrings } from "../device-tree/property.ts";

/** One fragment of an overlay (.dtbo): what it adds, and to which node. */
export interface Fragment {
  /** The node `__overlay__`. */
  readonly content: DtNode;
  readonly target: FragmentTarget;
}

/** `none`: nobody can tell, the fragment is never applied. */
export type FragmentTarget =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "label"; readonly label: string }
  | { readonly kind: "none" };

/** A reference to a label of another tree: the cell at this offset of a property. */
export interface Fixup {
  readonly label: string;
  readonly path: string;
  readonly property: string;
  /** In bytes. */
  readonly offset: number;
}

/** Nodes of a path; a flattened tree is not nested deeper either. */
const DEPTH_MAX = 64;
const CONTENT = "__overlay__";

/** Whether a tree is an overlay, to be applied to another. */
export function isOverlay(tree: DeviceTree): boolean {
  return tree.root.children.some((node) => contentOf(node) !== undefined);
}

/** The fragments of an overlay in the order in which they are applied. */
export function overlayFragments(tree: DeviceTree): Fragment[] {
  const labels = new Map(
    overlayFixups(tree)
      .filter(({ property }) => property === "target")
      .map(({ path, label }) => [path, label]),
  );
  return tree.root.children.flatMap((node): Fragment[] => {
    const content = contentOf(node);
    if (content === undefined) return [];
    const path = readStrings(node, "target-path")?.[0];
    const label = labels.get(node.path);
    if (label !== undefined) return [{ content, target: { kind: "label", label } }];
    if (path?.startsWith("/") !== true || path.split("/").length > DEPTH_MAX)
      return [{ content, target: { kind: "none" } }];
    return [{ content, target: { kind: "path", path: withoutLastSlash(path) } }];
  });
}

/** Where an overlay refers to labels of the tree that it is for, in the order of `__fixups__`. */
export function overlayFixups(tree: DeviceTree): Fixup[] {
  const node = tree.root.children.find(({ name }) => name === "__fixups__");
  return [...(node?.properties.keys() ?? [])].flatMap((label) =>
    (readStrings(node as DtNode, label) ?? []).flatMap((text): Fixup[] => {
      const [, path, property, offset] = /^(\/[^:]*):([^:]+):(\d{1,9})$/.exec(text) ?? [];
      if (path === undefined || property === undefined) return [];
      return [{ label, path, property, offset: Number(offset) }];
    }),
  );
}

/** The labels that a tree was compiled with (`dtc -@`), and the paths of their nodes. */
export function symbols(tree: DeviceTree): Map<string, string> {
  const node = tree.root.children.find(({ name }) => name === "__symbols__");
  const found = new Map<string, string>();
  for (const label of node?.properties.keys() ?? []) {
    const path = readStrings(node as DtNode, label)?.[0];
    if (path !== undefined) found.set(label, path);
  }
  return found;
}

function contentOf(node: DtNode): DtNode | undefined {
  return node.children.find(({ name }) => name === CONTENT);
}

function withoutLastSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
