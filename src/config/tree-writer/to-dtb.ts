import { FDT_MAGIC } from "../device-tree/fdt.ts";
import { ByteWriter } from "./byte-writer.ts";
import {
  type DtCell,
  type DtValue,
  EditableNode,
  type EditableTree,
  freePhandles,
  phandleIn,
} from "./editable-tree.ts";
import { fixupNodes } from "./fixups.ts";

const HEADER_BYTES = 40;
const VERSION = 17;
const LAST_COMPATIBLE_VERSION = 16;

const FDT_BEGIN_NODE = 1;
const FDT_END_NODE = 2;
const FDT_PROP = 3;
const FDT_END = 9;

/** What stands for the phandle of a node of another tree until the plugin is applied. */
const PHANDLE_TO_COME = 0xffffffff;

type Phandles = ReadonlyMap<EditableNode, number>;

/**
 * Flattens a tree, as version 17. Nodes that are referred to and have no phandle get one that is free, in what is written
 * only. `parseDeviceTree` gives the same tree back.
 *
 * @param plugin whether it is an overlay (.dtbo): the nodes that tell `fdtoverlay` where references stand are added
 * @see Devicetree Specification, Flattened Devicetree (DTB) Format
 */
export function toDtb(
  tree: EditableTree,
  { plugin = false }: { readonly plugin?: boolean } = {},
): Uint8Array {
  const struct = new StructureWriter(assignedPhandles(tree));
  struct.node(tree.root, plugin ? fixupNodes(tree) : []);
  struct.tokens.words(FDT_END);

  const reservations = new ByteWriter();
  for (const { address, size } of [...tree.reservations, { address: 0n, size: 0n }]) {
    reservations.doubleWord(address);
    reservations.doubleWord(size);
  }
  const structAt = HEADER_BYTES + reservations.length;
  const stringsAt = structAt + struct.tokens.length;
  const { tokens, strings } = struct;
  const dtb = new ByteWriter();
  dtb.words(FDT_MAGIC, stringsAt + strings.length, structAt, stringsAt, HEADER_BYTES);
  dtb.words(VERSION, LAST_COMPATIBLE_VERSION, 0, strings.length, tokens.length);
  for (const block of [reservations, tokens, strings]) dtb.bytes(block.written());
  return dtb.written();
}

/** The phandle of every node that is referred to. */
function assignedPhandles(tree: EditableTree): Phandles {
  const phandles = new Map<EditableNode, number>();
  const free = freePhandles(tree);
  for (const node of tree.root.walk()) {
    for (const value of node.properties.values()) {
      if (value instanceof Uint8Array) continue;
      for (const item of value) {
        if (item instanceof EditableNode && !phandles.has(item)) {
          phandles.set(item, phandleIn(item) ?? free.next().value);
        }
      }
    }
  }
  return phandles;
}

/** Writes nodes as tokens, and the name of each property once. */
class StructureWriter {
  readonly tokens = new ByteWriter();
  readonly strings = new ByteWriter();
  readonly #nameOffsets = new Map<string, number>();
  readonly #phandles: Phandles;

  constructor(phandles: Phandles) {
    this.#phandles = phandles;
  }

  /** @param more children behind its own */
  node(node: EditableNode, more: readonly EditableNode[] = []): void {
    this.tokens.words(FDT_BEGIN_NODE);
    this.tokens.text(node.name);
    this.tokens.pad();
    for (const [property, value] of node.properties)
      this.#property(property, valueBytes(value, this.#phandles));
    const assigned = this.#phandles.get(node);
    if (assigned !== undefined && phandleIn(node) === null) {
      this.#property("phandle", valueBytes([assigned], this.#phandles));
    }
    for (const child of node.children) this.node(child);
    for (const child of more) this.node(child);
    this.tokens.words(FDT_END_NODE);
  }

  #property(name: string, value: Uint8Array): void {
    this.tokens.words(FDT_PROP, value.byteLength, this.#nameOffset(name));
    this.tokens.bytes(value);
    this.tokens.pad();
  }

  #nameOffset(name: string): number {
    const known = this.#nameOffsets.get(name);
    if (known !== undefined) return known;
    const offset = this.strings.length;
    this.#nameOffsets.set(name, offset);
    this.strings.text(name);
    return offset;
  }
}

function valueBytes(value: DtValue, phandles: Phandles): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const bytes = new ByteWriter();
  for (const item of value) {
    if (typeof item === "string") bytes.text(item);
    else bytes.words(cellValue(item, phandles));
  }
  return bytes.written();
}

function cellValue(item: DtCell, phandles: Phandles): number {
  if (typeof item === "number") return item;
  return item instanceof EditableNode ? (phandles.get(item) ?? PHANDLE_TO_COME) : PHANDLE_TO_COME;
}
