import type { Database } from "#store/database.ts";
import { EntryRows } from "../entry/entry-rows.ts";
import { HASH_BYTES, perfectRoot } from "../merkle/hash.ts";
import { type NodeSource, treeRoot } from "../merkle/proofs.ts";
import { nodesOf, TILE_WIDTH, type Tile } from "../tiles/layout.ts";
import type { RecentLeaves } from "./recent-leaves.ts";

/**
 * Reads the audit tree of a log: leaf i is event i + 1. What is stored of it is believed here; that it is right is for
 * verification to find. What is not stored yet is made from what lies below.
 */
export class TreeReader {
  readonly #leaves;
  readonly #tile;
  readonly #head;
  readonly #rows: EntryRows;
  readonly #recent: RecentLeaves | null;
  readonly node: NodeSource = nodesOf((tile) => this.tile(tile));

  /** @param recent leaves that the writer has at hand, which need not be read again */
  constructor(db: Database, recent: RecentLeaves | null = null) {
    this.#recent = recent;
    this.#rows = new EntryRows(db);
    this.#head = db.prepare<[], number | null>("SELECT max(seq) FROM events").pluck();
    this.#leaves = db.prepare<[number, number], { count: number; leaves: Buffer | null }>(`
      SELECT count(leaf) AS count, CAST(group_concat(leaf, '') AS BLOB) AS leaves
      FROM (SELECT leaf FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq)
    `);
    this.#tile = db
      .prepare<[number, number], Buffer>("SELECT hashes FROM audit_tiles WHERE level = ? AND tile = ?")
      .pluck();
  }

  /** Events in the log: the size of its tree. */
  size(): number {
    return this.#head.get() ?? 0;
  }

  /** The hashes of a tile, exactly as many as its width, which the tree has to have. */
  tile({ level, index, width }: Tile): Uint8Array {
    return level === 0 ? this.#leafTile(index, width) : this.#nodeTile(level, index, width);
  }

  /** The hashes of a tile that are stored, which may be none of them. */
  storedTile(level: number, index: number): Buffer {
    return this.#tile.get(level, index) ?? Buffer.alloc(0);
  }

  root(size: number): Uint8Array {
    return treeRoot(this.node, size);
  }

  #leafTile(index: number, width: number): Buffer {
    const from = index * TILE_WIDTH + 1;
    const recent = this.#recent?.read(from, width) ?? null;
    if (recent !== null) return recent;
    const { count = 0, leaves } = this.#leaves.get(from, from + width - 1) ?? {};
    if (count === width && leaves?.length === width * HASH_BYTES) return leaves;
    const stored = this.storedTile(0, index);
    if (stored.length >= width * HASH_BYTES) return stored.subarray(0, width * HASH_BYTES);
    const made = this.#rows.leaves(from, from + width - 1);
    if (made.length !== width * HASH_BYTES) throw new MissingEvents(from, width);
    return made;
  }

  #nodeTile(level: number, index: number, width: number): Uint8Array {
    const stored = this.storedTile(level, index).subarray(0, width * HASH_BYTES);
    const count = Math.floor(stored.length / HASH_BYTES);
    const hashes = [stored.subarray(0, count * HASH_BYTES)];
    for (let i = count; i < width; i += 1) {
      const below = this.tile({ level: level - 1, index: index * TILE_WIDTH + i, width: TILE_WIDTH });
      hashes.push(Buffer.from(perfectRoot(below)));
    }
    return hashes.length === 1 ? stored : Buffer.concat(hashes);
  }
}

/** Events that a tree needs are not in the file. */
class MissingEvents extends Error {
  constructor(from: number, count: number) {
    super(`of the events ${from} to ${from + count - 1} some are missing`);
  }
}
