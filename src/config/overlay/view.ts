import { type DeviceTree, type DtNode, Tree, TreeNode } from "../device-tree/device-tree.ts";
import { readU32, wholeCells } from "../device-tree/property.ts";
import { overlayFixups, overlayFragments, symbols } from "./fragments.ts";
import { targetPaths } from "./target-paths.ts";

/** Overlays without the tree that they are for, as far as they tell what it will be. */
export interface OverlayView {
  /**
   * What they add, at its place. A node that is named by a label nobody defines is a child `&label` of the root: where it
   * really is, nobody knows.
   */
  readonly tree: DeviceTree;
  /** Nodes that the other tree may have more of: targets, what lies above them, and what has neither `compatible` nor `reg`. */
  readonly unknown: ReadonlySet<DtNode>;
  /** For each overlay, where its nodes come to lie. */
  readonly pathOf: readonly ((path: string) => string | null)[];
}

/** Phandles of nodes that have none of their own begin here: above any that dtc gives. */
const MADE_PHANDLES = 0x4000_0000;

/**
 * Merges overlays in order, as they would be applied, into a tree of their own. References to labels of none of them lead to
 * nodes that are `unknown`, and never to nothing.
 */
export function viewOverlays(overlays: readonly DeviceTree[]): OverlayView {
  const view = new View();
  const pathOf = overlays.map((overlay) => view.add(overlay));
  return { ...view.finish(), pathOf };
}

/** A node while overlays are merged into it. */
interface Draft {
  readonly name: string;
  readonly properties: Map<string, Uint8Array>;
  readonly children: Map<string, Draft>;
  /** Whether an overlay defines it, and the other tree most likely does not. */
  isDefined: boolean;
  phandle: number | null;
}

class View {
  readonly #root: Draft = draft("");
  readonly #labels = new Map<string, string>();
  #phandleMax = 0;
  #phandlesMade = 0;

  add(overlay: DeviceTree): (path: string) => string | null {
    const pathOf = targetPaths(overlay, (label) => this.#labels.get(label) ?? `/&${label}`);
    const shift = this.#phandleMax;
    const patches = localReferences(overlay, shift);
    for (const [label, path] of symbols(overlay)) {
      const place = pathOf(path);
      if (place !== null) this.#labels.set(label, place);
    }
    for (const { label, path, property, offset } of overlayFixups(overlay)) {
      if (property === "target") continue;
      const value = this.#phandleOf(this.#labels.get(label) ?? `/&${label}`);
      patchesOf(patches, path).push({ property, offset, value });
    }
    for (const { content } of overlayFragments(overlay)) {
      const place = pathOf(content.path);
      if (place !== null) this.#merge(this.#ensure(place), content, patches, shift);
    }
    return pathOf;
  }

  finish(): Pick<OverlayView, "tree" | "unknown"> {
    const nodes: TreeNode[] = [];
    const unknown = new Set<DtNode>();
    const byPhandle = new Map<number, TreeNode>();
    const build = (from: Draft, parent: TreeNode | null): TreeNode => {
      const node = new TreeNode(from.name, parent);
      parent?.addChild(node);
      nodes.push(node);
      if (!from.isDefined) unknown.add(node);
      for (const [name, value] of from.properties) node.addProperty(name, value);
      if (from.phandle !== null && !byPhandle.has(from.phandle)) byPhandle.set(from.phandle, node);
      for (const child of from.children.values()) build(child, node);
      return node;
    };
    const root = build(this.#root, null);
    return { tree: new Tree(root, nodes, byPhandle), unknown };
  }

  #merge(into: Draft, content: DtNode, patches: Patches, shift: number): void {
    for (const [name, value] of content.properties) {
      into.properties.set(name, patched(value, name, patches.get(content.path)));
    }
    const phandle = readU32(content, "phandle") ?? readU32(content, "linux,phandle");
    if (phandle !== null && phandle !== 0) {
      into.phandle ??= phandle + shift;
      this.#phandleMax = Math.max(this.#phandleMax, phandle + shift);
    }
    for (const child of content.children) {
      const place = childOf(into, child.name);
      if (child.properties.has("compatible") || child.properties.has("reg")) place.isDefined = true;
      this.#merge(place, child, patches, shift);
    }
  }

  #ensure(path: string): Draft {
    return path
      .split("/")
      .filter((name) => name !== "")
      .reduce(childOf, this.#root);
  }

  #phandleOf(path: string): number {
    const node = this.#ensure(path);
    if (node.phandle === null) {
      node.phandle = MADE_PHANDLES + this.#phandlesMade;
      this.#phandlesMade += 1;
    }
    return node.phandle;
  }
}

function draft(name: string): Draft {
  return { name, properties: new Map(), children: new Map(), isDefined: false, phandle: null };
}

function childOf(above: Draft, name: string): Draft {
  const known = above.children.get(name);
  if (known !== undefined) return known;
  const made = draft(name);
  above.children.set(name, made);
  return made;
}

/** Cells to be written into the properties of a node of an overlay. */
interface Patch {
  readonly property: string;
  readonly offset: number;
  /** The new value, or what is to be added to the old one. */
  readonly value: number;
  readonly isShift?: boolean;
}

/** By the node's path in its overlay. */
type Patches = Map<string, Patch[]>;

function patchesOf(patches: Patches, path: string): Patch[] {
  const known = patches.get(path);
  if (known !== undefined) return known;
  const made: Patch[] = [];
  patches.set(path, made);
  return made;
}

/** The references of an overlay to its own nodes, whose phandles are to become higher by `shift`. */
function localReferences(overlay: DeviceTree, shift: number): Patches {
  const patches: Patches = new Map();
  const mirror = overlay.root.children.find(({ name }) => name === "__local_fixups__");
  const walk = (node: DtNode, path: string): void => {
    for (const [property, value] of node.properties) {
      for (const offset of wholeCells(value)) {
        patchesOf(patches, path).push({ property, offset, value: shift, isShift: true });
      }
    }
    for (const child of node.children) walk(child, `${path}/${child.name}`);
  };
  if (mirror !== undefined && shift > 0) walk(mirror, "");
  return patches;
}

function patched(value: Uint8Array, property: string, patches: readonly Patch[] = []): Uint8Array {
  const own = patches.filter((patch) => patch.property === property && patch.offset + 4 <= value.byteLength);
  if (own.length === 0) return value;
  const copy = value.slice();
  const view = new DataView(copy.buffer);
  for (const patch of own) {
    view.setUint32(patch.offset, patch.value + (patch.isShift === true ? view.getUint32(patch.offset) : 0));
  }
  return copy;
}
