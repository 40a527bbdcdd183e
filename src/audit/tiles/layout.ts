import { HASH_BYTES, perfectRoot } from "../merkle/hash.ts";
import type { NodeSource } from "../merkle/proofs.ts";

/** Levels of the tree that one tile spans. */
const TILE_HEIGHT = 8;
/** Hashes of a full tile. */
export const TILE_WIDTH: number = 2 ** TILE_HEIGHT;
/** Bytes of a full tile. */
export const TILE_BYTES: number = TILE_WIDTH * HASH_BYTES;
/** No tree that fits a file has more levels of tiles. */
const LEVEL_MAX = 63;

/** A tile: its level (0 has the leaf hashes), its index from the left, and how many hashes it has, 1 to 256. */
export interface Tile {
  readonly level: number;
  readonly index: number;
  readonly width: number;
}

/** A bundle of entries: those of the level-0 tile of the same index and width. */
export type EntryBundle = Omit<Tile, "level">;

/** Hashes that the tiles of a level have in all, in a tree of `size` leaves. */
export function levelWidth(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** Whether a tree of `size` leaves has this tile, or a wider one in its place. */
export function treeHasTile(size: number, { level, index, width }: Tile): boolean {
  return index * TILE_WIDTH + width <= levelWidth(level, size);
}

/** Gives the hashes of a tile, at least as many as its width. */
export type TileSource = (tile: Tile) => Uint8Array;

/**
 * Reads nodes of the tree out of its tiles.
 *
 * @param tile must give what it is asked for; a node that the tree does not have must not be asked for
 */
export function nodesOf(tile: TileSource): NodeSource {
  return (height, index) => {
    const level = Math.floor(height / TILE_HEIGHT);
    const count = 2 ** (height % TILE_HEIGHT);
    const first = index * count;
    const tileIndex = Math.floor(first / TILE_WIDTH);
    const offset = first % TILE_WIDTH;
    const hashes = tile({ level, index: tileIndex, width: offset + count });
    return perfectRoot(hashes.subarray(offset * HASH_BYTES, (offset + count) * HASH_BYTES));
  };
}

/** What a path of the tiled log names. */
export type TilePath = ({ readonly kind: "tile" } & Tile) | ({ readonly kind: "entries" } & EntryBundle);

const PATH =
  /^(?<level>0|[1-9]\d?|entries)\/(?<index>(?:x\d{3}\/){0,5}\d{3})(?:\.p\/(?<width>[1-9]\d{0,2}))?$/;

/**
 * Reads what follows `tile/` in a path: `<level or entries>/<index>[.p/<width>]`, the index in three-digit elements.
 *
 * @returns null where it is not the one spelling of a tile
 * @see C2SP tlog-tiles, "Merkle Tree" and "Log entries"
 */
export function parseTilePath(path: string): TilePath | null {
  const { level, index = "", width: partial } = PATH.exec(path)?.groups ?? {};
  if (level === undefined) return null;
  const at = Number(index.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  if (partial !== undefined && width >= TILE_WIDTH) return null;
  if (indexPath(at) !== index) return null;
  if (level === "entries") return { kind: "entries", index: at, width };
  return Number(level) > LEVEL_MAX ? null : { kind: "tile", level: Number(level), index: at, width };
}

/** The path of a tile or of a bundle, from `tile/` on. */
export function tilePath(what: TilePath): string {
  const level = what.kind === "entries" ? "entries" : String(what.level);
  const partial = what.width === TILE_WIDTH ? "" : `.p/${what.width}`;
  return `tile/${level}/${indexPath(what.index)}${partial}`;
}

function indexPath(index: number): string {
  const digits = String(index);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const elements = padded.match(/\d{3}/g) ?? [];
  return elements.map((element, i) => (i === elements.length - 1 ? element : `x${element}`)).join("/");
}
