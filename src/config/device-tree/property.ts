import { foldCase } from "../xen/fold-case.ts";
import type { DtNode } from "./device-tree.ts";

const decoder = new TextDecoder();

/** The whole 32-bit big-endian cells of a value; up to three bytes after the last one are left out. */
export function wholeCells(value: Uint8Array): number[] {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return Array.from({ length: Math.floor(value.byteLength / 4) }, (_, cell) => view.getUint32(4 * cell));
}

/** A property as 32-bit cells, or null where it is absent or its length is not a multiple of 4. */
export function readCells(node: DtNode, property: string): number[] | null {
  const value = node.properties.get(property);
  return value === undefined || value.byteLength % 4 !== 0 ? null : wholeCells(value);
}

/** The first cell of a property, or null where it is absent or shorter than 4 bytes; what follows is ignored, as Xen does. */
export function readU32(node: DtNode, property: string): number | null {
  const value = node.properties.get(property);
  if (value === undefined || value.byteLength < 4) return null;
  return new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(0);
}

/**
 * A property as a list of strings, or null where it is absent or does not end with NUL. An empty property is an empty list.
 * What is not UTF-8 reads as U+FFFD.
 */
export function readStrings(node: DtNode, property: string): string[] | null {
  const value = node.properties.get(property);
  if (value === undefined) return null;
  const strings: string[] = [];
  let at = 0;
  while (at < value.byteLength) {
    const end = value.indexOf(0, at);
    if (end === -1) return null;
    strings.push(decoder.decode(value.subarray(at, end)));
    at = end + 1;
  }
  return strings;
}

/** Whether the node's `compatible` list has this string; case is ignored, as Xen does. */
export function isCompatible(node: DtNode, compatible: string): boolean {
  const value = node.properties.get("compatible");
  if (value === undefined) return false;
  const wanted = foldCase(compatible);
  let at = 0;
  while (at < value.byteLength) {
    const end = value.indexOf(0, at);
    // An unterminated last string compares with whatever follows it in memory; it is taken as equal to nothing.
    if (end === -1) return false;
    if (end - at === wanted.length && foldCase(decoder.decode(value.subarray(at, end))) === wanted)
      return true;
    at = end + 1;
  }
  return false;
}

/** Whether the node's `status` is absent, `okay` or `ok`. */
export function isAvailable(node: DtNode): boolean {
  const value = node.properties.get("status");
  if (value === undefined) return true;
  const end = value.indexOf(0);
  const status = end === -1 ? null : decoder.decode(value.subarray(0, end));
  return status === "okay" || status === "ok";
}
