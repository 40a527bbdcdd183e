import type { Json } from "#base/canonical-json.ts";
import type { DecodedMessage } from "./codec.ts";
import { type BitField, placeBits, readBits, type U32Field } from "./fields.ts";
import { layoutFor } from "./layout.ts";
import type { Command, Iteration } from "./protocol.ts";

/**
 * Walking a command that answers in pieces: the index of each request, and all pieces as one answer. Who sends the requests is
 * somebody else's business.
 */

/** A command that answers in pieces. */
export type ListCommand = Command & { readonly iteration: Iteration };

/** Whether a command answers in pieces. */
export function isList(command: Command): command is ListCommand {
  return command.iteration !== undefined;
}

/** Where a walk's request has its index: bytes from the start of the payload, and the bits of the word there. */
interface IndexPlace {
  readonly offset: number;
  readonly bits: BitField;
}

function placeOf({ a2p, requestLayouts, iteration }: ListCommand, payload: Uint8Array): IndexPlace | null {
  const [name = "", part] = iteration.index.split(".");
  const layout =
    requestLayouts.find(({ size }) => size === payload.length) ?? layoutFor(requestLayouts, Infinity);
  const entry = layout.entries.find((candidate) => candidate.name === name);
  if (entry === undefined || entry.offset + 4 > payload.length) return null;
  const bits = part === undefined ? WHOLE_WORD : (a2p[name] as U32Field).bits?.[part];
  return bits === undefined ? null : { offset: entry.offset, bits };
}

const WHOLE_WORD: BitField = { low: 0, width: 32, doc: "" };

/** The index that a request asks from; 0 where it has no room for one. */
export function indexOf(command: ListCommand, payload: Uint8Array): number {
  const place = placeOf(command, payload);
  return place === null ? 0 : readBits(viewOf(payload).getUint32(place.offset, true), place.bits);
}

/** The request with another index, or null where the index has no room in it. */
export function withIndex(command: ListCommand, payload: Uint8Array, index: number): Uint8Array | null {
  const place = placeOf(command, payload);
  if (place === null || readBits(placeBits(index, place.bits), place.bits) !== index) return null;
  const copy = payload.slice();
  const word = viewOf(copy).getUint32(place.offset, true);
  const others = (word & ~placeBits(0xffff_ffff, place.bits)) >>> 0;
  viewOf(copy).setUint32(place.offset, (others | placeBits(index, place.bits)) >>> 0, true);
  return copy;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What one answer says of itself: items in it, and items after them, or null where the command does not tell. */
export interface Piece {
  readonly returned: number;
  readonly remaining: number | null;
}

/** How many items an answer has; null where it is too short to tell. */
export function pieceOf({ p2a, iteration }: ListCommand, answer: DecodedMessage): Piece | null {
  const read = (path: string): number | null => {
    const [name = "", part] = path.split(".");
    const value = answer[name];
    if (typeof value !== "number") return null;
    const bits = part === undefined ? WHOLE_WORD : (p2a[name] as U32Field).bits?.[part];
    return bits === undefined ? null : readBits(value, bits);
  };
  const returned = read(iteration.returned);
  const remaining = iteration.remaining === undefined ? null : read(iteration.remaining);
  return returned === null ? null : { returned, remaining };
}

/** All pieces as one answer: the first one's fields, with the items of all, counted as if one message had room for them. */
export function joined(
  { p2a, iteration }: ListCommand,
  pieces: readonly DecodedMessage[],
): DecodedMessage | null {
  const [first] = pieces;
  if (first === undefined) return null;
  const items = pieces.flatMap((piece) => (piece[iteration.list] ?? []) as readonly Json[]);
  const words = pieces.flatMap((piece) => wordsOf(piece, iteration.list));
  const [counted = "", part] = iteration.returned.split(".");
  const meaning = { ...((first["meaning"] ?? {}) as { readonly [field: string]: Json }) };
  if (words.some((word) => word !== null)) meaning[iteration.list] = words;
  const rest: { [field: string]: Json } = { ...first, [iteration.list]: items };
  if (part === undefined) rest[counted] = items.length;
  else {
    // The word of the first message counts that message alone; in words it can count all.
    const [, left] = iteration.remaining?.split(".") ?? [];
    const said = (meaning[counted] ?? {}) as { readonly [part: string]: Json };
    meaning[counted] = { ...said, [part]: items.length, ...(left === undefined ? {} : { [left]: 0 }) };
    if ((p2a[counted] as U32Field).bits !== undefined) delete rest[counted];
  }
  return { ...rest, ...(Object.keys(meaning).length === 0 ? {} : { meaning }) } as DecodedMessage;
}

function wordsOf(piece: DecodedMessage, list: string): Json[] {
  const items = (piece[list] ?? []) as readonly Json[];
  const words = (piece["meaning"] as { readonly [field: string]: Json } | undefined)?.[list];
  return Array.isArray(words) ? [...(words as readonly Json[])] : items.map(() => null);
}
