import { foldCase } from "../xen/fold-case.ts";

/** A node of a device tree. Names and paths are printable ASCII without blanks; only the root's name may be empty. */
export interface DtNode {
  /** Name with its unit address, e.g. `i2c@e6508000`. */
  readonly name: string;
  /** Full path with unit addresses; `/` for the root. */
  readonly path: string;
  /** The node above, or null for the root. */
  readonly parent: DtNode | null;
  /** The nodes directly below, in the tree's order. */
  readonly children: readonly DtNode[];
  /** Raw values by name, in the tree's order; of two properties with one name the first counts. Never write to them. */
  readonly properties: ReadonlyMap<string, Uint8Array>;
}

/** A device tree, read only. */
export interface DeviceTree {
  readonly root: DtNode;
  /** Every node in tree order (a node before those below it), the root first. */
  readonly nodes: readonly DtNode[];
  /**
   * The first node in tree order with this full path: unit addresses included, case ignored, aliases not followed, as
   * Xen's domctl finds a `dtdev`.
   */
  nodeByPath(path: string): DtNode | undefined;
  /** The first node in tree order with this phandle. There is no node with phandle 0. */
  nodeByPhandle(phandle: number): DtNode | undefined;
}

const NO_NODES: readonly TreeNode[] = [];
const NO_PROPERTIES: ReadonlyMap<string, Uint8Array> = new Map();

/** The node that a reader of device trees fills. Paths and the index of children are made when somebody asks. */
export class TreeNode implements DtNode {
  readonly name: string;
  readonly parent: TreeNode | null;
  #children: TreeNode[] | null = null;
  #properties: Map<string, Uint8Array> | null = null;
  #path: string | null = null;
  #childrenByName: Map<string, TreeNode[]> | null = null;

  constructor(name: string, parent: TreeNode | null) {
    this.name = name;
    this.parent = parent;
  }

  get children(): readonly TreeNode[] {
    return this.#children ?? NO_NODES;
  }

  get properties(): ReadonlyMap<string, Uint8Array> {
    return this.#properties ?? NO_PROPERTIES;
  }

  get path(): string {
    this.#path ??= this.#makePath();
    return this.#path;
  }

  addChild(child: TreeNode): void {
    this.#children ??= [];
    this.#children.push(child);
  }

  /** Adds a property, unless the node has one of that name. */
  addProperty(name: string, value: Uint8Array): void {
    this.#properties ??= new Map();
    if (!this.#properties.has(name)) this.#properties.set(name, value);
  }

  /** The children with this name, case folded, in the tree's order: a tree may name two nodes alike. */
  childrenNamed(folded: string): readonly TreeNode[] {
    this.#childrenByName ??= this.#indexChildren();
    return this.#childrenByName.get(folded) ?? NO_NODES;
  }

  #makePath(): string {
    if (this.parent === null) return "/";
    return this.parent.parent === null ? `/${this.name}` : `${this.parent.path}/${this.name}`;
  }

  #indexChildren(): Map<string, TreeNode[]> {
    const index = new Map<string, TreeNode[]>();
    for (const child of this.children) {
      const name = foldCase(child.name);
      const alike = index.get(name);
      if (alike === undefined) index.set(name, [child]);
      else alike.push(child);
    }
    return index;
  }
}

/** A whole tree, from its nodes in tree order and the first holder of each phandle. */
export class Tree implements DeviceTree {
  readonly root: TreeNode;
  readonly nodes: readonly TreeNode[];
  readonly #byPhandle: ReadonlyMap<number, TreeNode>;

  constructor(root: TreeNode, nodes: readonly TreeNode[], byPhandle: ReadonlyMap<number, TreeNode>) {
    this.root = root;
    this.nodes = nodes;
    this.#byPhandle = byPhandle;
  }

  nodeByPath(path: string): DtNode | undefined {
    if (path === "/") return this.root;
    if (!path.startsWith("/")) return undefined;
    let level: readonly TreeNode[] = [this.root];
    for (const name of foldCase(path.slice(1)).split("/")) {
      level = level.flatMap((node) => node.childrenNamed(name));
      if (level.length === 0) return undefined;
    }
    return level[0];
  }

  nodeByPhandle(phandle: number): DtNode | undefined {
    return this.#byPhandle.get(phandle);
  }
}
