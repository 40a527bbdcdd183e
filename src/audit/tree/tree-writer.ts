import type { Database } from "#store/database.ts";
import { HASH_BYTES, perfectRoot } from "../merkle/hash.ts";
import { levelWidth, TILE_BYTES, TILE_WIDTH } from "../tiles/layout.ts";
import type { TreeReader } from "./tree-reader.ts";

/**
 * Keeps the upper levels of the audit tree: from level 1 on one hash for every 256 of the level below, as its tile is full. Leaves
 * come with their events; those of events from before there was a tree are kept here, in level 0.
 */
export class TreeWriter {
  readonly #reader: TreeReader;
  readonly #leavesFrom: number;
  readonly #store;
  readonly #last;

  /** @param leavesFrom seq of the first event that has its leaf in its own row */
  constructor(db: Database, reader: TreeReader, leavesFrom: number) {
    this.#reader = reader;
    this.#leavesFrom = leavesFrom;
    this.#store = db.prepare<[number, number, Uint8Array]>(`
      INSERT INTO audit_tiles (level, tile, hashes) VALUES (?, ?, ?)
      ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes
    `);
    this.#last = db
      .prepare<[number], number | null>("SELECT max(tile) FROM audit_tiles WHERE level = ?")
      .pluck();
  }

  /** Hashes that are stored of a level, from level 1 on. */
  stored(level: number): number {
    const last = this.#last.get(level) ?? null;
    return last === null ? 0 : last * TILE_WIDTH + this.#reader.storedTile(level, last).length / HASH_BYTES;
  }

  /** Events under the hashes of level 1. */
  get settled(): number {
    return this.stored(1) * TILE_WIDTH;
  }

  /**
   * Brings the stored levels up to a tree of `size` events, inside the transaction of the caller.
   *
   * @param eventsMax that are looked at in one call, at the least
   * @returns whether all of it is done
   */
  advance(size: number, eventsMax = Number.POSITIVE_INFINITY): boolean {
    const begun = this.stored(1);
    const wanted = levelWidth(1, size);
    const end = Math.min(wanted, begun + Math.ceil(eventsMax / TILE_WIDTH));
    this.#extend(1, begun, end);
    for (let level = 2; levelWidth(level, end * TILE_WIDTH) > 0; level += 1) {
      this.#extend(level, this.stored(level), levelWidth(level, end * TILE_WIDTH));
    }
    if (end < wanted) return false;
    this.#keepOldLeaves(wanted, size % TILE_WIDTH);
    return true;
  }

  /** Stores the hashes from `begun` up to `end` of a level; each is the root of a full tile below. */
  #extend(level: number, begun: number, end: number): void {
    let hashes: Uint8Array[] = [];
    for (let at = begun; at < end; at += 1) {
      const below = this.#reader.tile({ level: level - 1, index: at, width: TILE_WIDTH });
      if (level === 1) this.#keepOldLeaves(at, TILE_WIDTH, below);
      hashes.push(perfectRoot(below));
      if ((at + 1) % TILE_WIDTH === 0 || at + 1 === end) {
        const tile = Math.floor(at / TILE_WIDTH);
        const before = this.#reader.storedTile(level, tile);
        if (before.length + hashes.length * HASH_BYTES > TILE_BYTES)
          throw new Error("bug: a tile is overfull");
        this.#store.run(level, tile, Buffer.concat([before, ...hashes]));
        hashes = [];
      }
    }
  }

  /** Keeps a tile of leaves where events in it have none in their rows. */
  #keepOldLeaves(index: number, width: number, leaves?: Uint8Array): void {
    if (index * TILE_WIDTH + 1 >= this.#leavesFrom || width === 0) return;
    if (this.#reader.storedTile(0, index).length >= width * HASH_BYTES) return;
    this.#store.run(0, index, leaves ?? this.#reader.tile({ level: 0, index, width }));
  }
}
