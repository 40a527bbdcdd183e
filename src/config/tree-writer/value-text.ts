import { wholeCells } from "../device-tree/property.ts";
import { type DtCell, type DtValue, EditableNode, firstCell } from "./editable-tree.ts";
import type { Labels } from "./labels.ts";
import { referenceRows } from "./references.ts";

const decoder = new TextDecoder();

/** A value as it is shown: runs of strings and cells, or bytes. */
type Piece =
  | { readonly kind: "strings"; readonly strings: readonly string[] }
  | { readonly kind: "cells"; readonly rows: readonly (readonly DtCell[])[] }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** Properties that are cells even where their bytes happen to spell something. */
const CELLS =
  /^#|-cells$|^(xen,)?reg$|^(dma-)?ranges$|phandle$|^interrupts$|^arm,smc-id$|^clock-frequency$|^assigned-clock-rates$/;
/** Cells of a GIC's interrupt: kind, number, trigger. */
const GIC_CELLS = 3;
/** Of these, an item may be empty. */
const NAME_LISTS = /-names$/;

/** What is needed to show values of a tree: who holds which phandle. */
export type Holders = ReadonlyMap<number, EditableNode>;

/** A property's value cut into what it is shown as. Empty: the property has no value. */
export function piecesOf(node: EditableNode, property: string, value: DtValue, holders: Holders): Piece[] {
  if (!(value instanceof Uint8Array)) return piecesOfItems(node, property, value, holders);
  if (value.byteLength === 0) return [];
  const rows = value.byteLength % 4 === 0 ? referenceRows(node, property, wholeCells(value), holders) : null;
  if (rows !== null) return [{ kind: "cells", rows }];
  const strings = CELLS.test(property) ? null : stringsIn(value, NAME_LISTS.test(property));
  if (strings !== null) return [{ kind: "strings", strings }];
  if (value.byteLength % 4 !== 0) return [{ kind: "bytes", bytes: value }];
  return [{ kind: "cells", rows: plainRows(node, property, wholeCells(value), holders) }];
}

function piecesOfItems(
  node: EditableNode,
  property: string,
  items: readonly (DtCell | string)[],
  holders: Holders,
): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < items.length) {
    const isText = typeof items[at] === "string";
    let end = at;
    while (end < items.length && (typeof items[end] === "string") === isText) end++;
    const run = items.slice(at, end);
    if (isText) pieces.push({ kind: "strings", strings: run as string[] });
    else {
      const cells = run as DtCell[];
      const rows = referenceRows(node, property, cells, holders) ?? plainRows(node, property, cells, holders);
      pieces.push({ kind: "cells", rows });
    }
    at = end;
  }
  return pieces;
}

/** Cells that hold no phandle: addresses and interrupts an entry at a time, everything else in one row. */
function plainRows(
  node: EditableNode,
  property: string,
  cells: readonly DtCell[],
  holders: Holders,
): (readonly DtCell[])[] {
  const count = property === "interrupts" ? interruptCells(node, holders) : entryCells(node, property);
  if (count === 0 || cells.length % count !== 0) return [cells];
  const rows: DtCell[][] = [];
  for (let at = 0; at < cells.length; at += count) rows.push(cells.slice(at, at + count));
  return rows;
}

/** Cells of an entry of `reg` or `ranges`; 0 where that is not known. */
function entryCells(node: EditableNode, property: string): number {
  const above = node.parent === null ? null : busCells(node.parent);
  if (above === null) return 0;
  if (property === "reg") return above.address + above.size;
  if (property !== "ranges" && property !== "dma-ranges") return 0;
  const below = busCells(node);
  return below === null ? 0 : below.address + above.address + below.size;
}

function busCells(bus: EditableNode): { readonly address: number; readonly size: number } | null {
  const [address, size] = [firstCell(bus, "#address-cells"), firstCell(bus, "#size-cells")];
  return address === null || size === null ? null : { address, size };
}

/** Cells of an interrupt; a controller that is not in the tree is a guest's, which always is a GIC. */
function interruptCells(node: EditableNode, holders: Holders): number {
  for (let above: EditableNode | null = node; above !== null; above = above.parent) {
    const phandle = firstCell(above, "interrupt-parent");
    if (phandle === null) continue;
    const controller = holders.get(phandle);
    return controller === undefined ? GIC_CELLS : (firstCell(controller, "#interrupt-cells") ?? 0);
  }
  return 0;
}

/** The strings that a value reads as, or null. An empty one is taken for one alone, or where lists of names are. */
function stringsIn(value: Uint8Array, mayBeEmpty: boolean): string[] | null {
  if (value[value.byteLength - 1] !== 0) return null;
  if (value.byteLength === 1) return [""];
  let before = 0;
  for (const byte of value) {
    if (byte !== 0 && (byte < 0x20 || byte > 0x7e)) return null;
    if (byte === 0 && before === 0 && !mayBeEmpty) return null;
    before = byte;
  }
  const strings = decoder.decode(value.subarray(0, -1)).split("\0");
  return strings.some((text) => text !== "") && (mayBeEmpty || strings[0] !== "") ? strings : null;
}

/** The nodes that a value refers to by label. */
export function referredIn(pieces: readonly Piece[]): EditableNode[] {
  return pieces
    .flatMap((piece) => (piece.kind === "cells" ? piece.rows.flat() : []))
    .filter((cell) => cell instanceof EditableNode);
}

/** The text of a value, in as many parts as go on lines of their own. */
export function valueTexts(pieces: readonly Piece[], labels: Labels): string[] {
  return pieces.flatMap((piece) => pieceTexts(piece, labels));
}

function pieceTexts(piece: Piece, labels: Labels): string[] {
  switch (piece.kind) {
    case "strings":
      return piece.strings.map(quoted);
    case "cells":
      return piece.rows.map((row) => `<${row.map((cell) => cellText(cell, labels)).join(" ")}>`);
    case "bytes":
      return [`[${[...piece.bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ")}]`];
  }
}

function cellText(cell: DtCell, labels: Labels): string {
  if (typeof cell === "number") return `0x${cell.toString(16)}`;
  return `&${cell instanceof EditableNode ? labels.for(cell) : cell.label}`;
}

/** A string of a source. What is not printable is written as its bytes of UTF-8. */
function quoted(text: string): string {
  let inside = "";
  for (const byte of new TextEncoder().encode(text)) {
    const character = String.fromCharCode(byte);
    if (character === '"' || character === "\\") inside += `\\${character}`;
    else if (byte >= 0x20 && byte < 0x7f) inside += character;
    else inside += `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${inside}"`;
}
