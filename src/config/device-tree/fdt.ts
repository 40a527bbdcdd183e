import { hexWord } from "#base/hex.ts";
import { type Problem, problem } from "#base/problem.ts";
import { type DeviceTree, Tree, TreeNode } from "./device-tree.ts";

export type { DeviceTree, DtNode } from "./device-tree.ts";

/** First word of a flattened device tree, big-endian. */
export const FDT_MAGIC = 0xd00dfeed;
/** Largest device tree that is read. */
export const DEVICE_TREE_BYTES_MAX = 8 * 1024 * 1024;

const decoder = new TextDecoder();

const DEPTH_MAX = 64;
/** Node and property names are at most 31 characters by the specification; real trees exceed that, but not by this much. */
const NAME_BYTES_MAX = 255;

/** Size of the header up to and including `size_dt_strings`; version 17 adds `size_dt_struct`. */
const HEADER_BYTES_V16 = 36;
const HEADER_BYTES_V17 = 40;

const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_NOP = 4;
const FDT_END = 9;

/** Where the two blocks lie that matter, as byte offsets into the file; ends are exclusive. */
interface Blocks {
  readonly structAt: number;
  readonly structEnd: number;
  readonly stringsAt: number;
  readonly stringsEnd: number;
}

/** Why some bytes are no device tree. */
class Malformed {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/**
 * Reads a flattened device tree (versions 16 and 17). Any bytes may be given: what is not a tree is refused, and the time
 * taken grows with the number of bytes only. Property values are views of `bytes`, which must not change afterwards.
 *
 * Accepted although odd: bytes after the tree, nodes and properties that share a name, any name of the root.
 *
 * @param bytes at most 8 MiB; nested at most 64 deep, names up to 255 printable characters
 * @param file what the refusal calls it
 * @returns the tree, or the refusal `device-tree-invalid`
 * @see Devicetree Specification, Flattened Devicetree (DTB) Format
 */
export function parseDeviceTree(bytes: Uint8Array, file: string): DeviceTree | Problem {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = readHeader(view);
  const tree = blocks instanceof Malformed ? blocks : new StructureReader(bytes, view, blocks).read();
  return tree instanceof Malformed ? problem("device-tree-invalid", { file, why: tree.why }) : tree;
}

function readHeader(view: DataView): Blocks | Malformed {
  const length = view.byteLength;
  if (length > DEVICE_TREE_BYTES_MAX) {
    return new Malformed(`it has ${length} bytes, and at most ${DEVICE_TREE_BYTES_MAX} are read`);
  }
  if (length < 4) return new Malformed(`it has ${length} bytes, fewer than its magic number`);
  const magic = view.getUint32(0);
  if (magic !== FDT_MAGIC) {
    return new Malformed(`it starts with ${hexWord(magic)}, not with the magic number ${hexWord(FDT_MAGIC)}`);
  }
  if (length < HEADER_BYTES_V16) return new Malformed(`it has ${length} bytes, fewer than its header`);

  const totalSize = view.getUint32(4);
  const structAt = view.getUint32(8);
  const stringsAt = view.getUint32(12);
  const reservationsAt = view.getUint32(16);
  const version = view.getUint32(20);
  const lastCompatible = view.getUint32(24);
  const stringsBytes = view.getUint32(32);
  if (version < 16 || lastCompatible > 17 || lastCompatible > version) {
    return new Malformed(
      `it is of version ${version}, compatible back to ${lastCompatible}; versions 16 and 17 are read`,
    );
  }
  const headerBytes = version >= 17 ? HEADER_BYTES_V17 : HEADER_BYTES_V16;
  if (totalSize < headerBytes) {
    return new Malformed(`its total size of ${totalSize} bytes has no room for the header`);
  }
  if (totalSize > length) return new Malformed(`it is cut off: ${length} of ${totalSize} bytes are there`);
  if (structAt < headerBytes || structAt % 4 !== 0 || structAt > totalSize) {
    return new Malformed(`its structure block at ${hexWord(structAt)} is misplaced`);
  }
  // Before version 17 the size of the structure block is not told.
  const structEnd = version >= 17 ? structAt + view.getUint32(36) : totalSize;
  if (structEnd > totalSize) return new Malformed("its structure block reaches beyond its end");
  if (stringsAt < headerBytes || stringsAt + stringsBytes > totalSize) {
    return new Malformed("its strings block reaches beyond its end");
  }
  if (reservationsAt < headerBytes || reservationsAt > totalSize) {
    return new Malformed("its memory reservation block lies outside");
  }
  return { structAt, structEnd, stringsAt, stringsEnd: stringsAt + stringsBytes };
}

/** Reads the tokens of a structure block, one after another, keeping the open node instead of recursing. */
class StructureReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #blocks: Blocks;
  readonly #nodes: TreeNode[] = [];
  readonly #byPhandle = new Map<number, TreeNode>();
  /** Names of properties by offset: most properties share few names. */
  readonly #names = new Map<number, string>();
  #at: number;
  #open: TreeNode | null = null;
  #depth = 0;
  /** Whether the open node has told its phandle: of `phandle` and `linux,phandle` the first counts. */
  #hasPhandle = false;

  constructor(bytes: Uint8Array, view: DataView, blocks: Blocks) {
    this.#bytes = bytes;
    this.#view = view;
    this.#blocks = blocks;
    this.#at = blocks.structAt;
  }

  read(): Tree | Malformed {
    for (;;) {
      const tokenAt = this.#at;
      if (tokenAt + 4 > this.#blocks.structEnd) return new Malformed("its structure block has no end token");
      const token = this.#view.getUint32(tokenAt);
      this.#at += 4;
      if (token === FDT_END) return this.#finish();
      const why = this.#readToken(token);
      if (why !== null) return new Malformed(`${why} (at offset ${hexWord(tokenAt)})`);
    }
  }

  /** Handles one token other than the end; tells what is wrong with it, or null. */
  #readToken(token: number): string | null {
    switch (token) {
      case FDT_BEGIN_NODE:
        return this.#beginNode();
      case FDT_END_NODE:
        return this.#endNode();
      case FDT_PROP:
        return this.#readProperty();
      case FDT_NOP:
        return null;
      default:
        return `there is no token ${hexWord(token)}`;
    }
  }

  #finish(): Tree | Malformed {
    const root = this.#nodes[0];
    if (root === undefined) return new Malformed("it has no root node");
    if (this.#open !== null) return new Malformed(`node ${this.#open.path} is not closed`);
    return new Tree(root, this.#nodes, this.#byPhandle);
  }

  #beginNode(): string | null {
    const parent = this.#open;
    if (parent === null && this.#nodes.length > 0) return "a second root node";
    if (this.#depth === DEPTH_MAX) return `nodes are nested more than ${DEPTH_MAX} deep`;
    const name = readName(this.#bytes, this.#at, this.#blocks.structEnd);
    if (name instanceof Malformed) return `the name of a node ${name.why}`;
    if (parent !== null && name === "") return `a node below ${parent.path} has no name`;
    if (parent !== null && name.includes("/")) return `the name of node ${name} has a slash`;

    const node = new TreeNode(name, parent);
    parent?.addChild(node);
    this.#nodes.push(node);
    this.#open = node;
    this.#depth += 1;
    this.#hasPhandle = false;
    this.#at = align(this.#at + name.length + 1);
    return null;
  }

  #endNode(): string | null {
    if (this.#open === null) return "a node is closed that was not opened";
    this.#open = this.#open.parent;
    this.#depth -= 1;
    return null;
  }

  #readProperty(): string | null {
    const node = this.#open;
    if (node === null) return "a property outside of any node";
    if (node.children.length > 0) return `a property of ${node.path} after its sub-nodes`;
    if (this.#at + 8 > this.#blocks.structEnd) return `a property of ${node.path} is cut off`;
    const length = this.#view.getUint32(this.#at);
    const name = this.#propertyName(this.#view.getUint32(this.#at + 4));
    if (name instanceof Malformed) return `the name of a property of ${node.path} ${name.why}`;
    const valueAt = this.#at + 8;
    if (valueAt + length > this.#blocks.structEnd) {
      return `property ${name} of ${node.path} reaches beyond the structure block`;
    }

    node.addProperty(name, this.#bytes.subarray(valueAt, valueAt + length));
    if (length >= 4 && (name === "phandle" || name === "linux,phandle")) {
      this.#keepPhandle(node, this.#view.getUint32(valueAt));
    }
    this.#at = align(valueAt + length);
    return null;
  }

  #keepPhandle(node: TreeNode, phandle: number): void {
    if (phandle === 0 || this.#hasPhandle) return;
    this.#hasPhandle = true;
    if (!this.#byPhandle.has(phandle)) this.#byPhandle.set(phandle, node);
  }

  /** Name at an offset into the strings block. */
  #propertyName(offset: number): string | Malformed {
    const known = this.#names.get(offset);
    if (known !== undefined) return known;
    const name = readName(this.#bytes, this.#blocks.stringsAt + offset, this.#blocks.stringsEnd);
    if (name instanceof Malformed) return name;
    if (name === "") return new Malformed("is empty");
    this.#names.set(offset, name);
    return name;
  }
}

/** The NUL-terminated name at `at`, which must end before `end`. The refusal is the rest of a sentence about the name. */
function readName(bytes: Uint8Array, at: number, end: number): string | Malformed {
  if (at >= end) return new Malformed("lies outside of its block");
  const limit = Math.min(end, at + NAME_BYTES_MAX + 1);
  let stop = at;
  while (stop < limit && bytes[stop] !== 0) {
    // Names reach terminals and web pages, so they are held to what the device-tree compiler itself would write.
    const byte = bytes[stop] ?? 0;
    if (byte <= 0x20 || byte >= 0x7f) return new Malformed(`has the byte ${hexWord(byte)}`);
    stop += 1;
  }
  if (stop === end) return new Malformed("does not end");
  if (stop === limit) return new Malformed(`has more than ${NAME_BYTES_MAX} characters`);
  return decoder.decode(bytes.subarray(at, stop));
}

/** The next multiple of 4. Tokens are aligned within the file, because the structure block is. */
function align(offset: number): number {
  return (offset + 3) & ~3;
}
