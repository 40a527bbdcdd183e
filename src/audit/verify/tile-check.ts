import type { Database } from "#store/database.ts";
import { logRow } from "../audit-log.ts";
import { HASH_BYTES, perfectRoot } from "../merkle/hash.ts";
import { levelWidth, TILE_WIDTH } from "../tiles/layout.ts";
import type { Faults } from "./faults.ts";

interface TileRow {
  readonly level: number;
  readonly tile: number;
  readonly hashes: Buffer;
}

/** Holds the stored upper tiles to the hashes that the events give. */
export class TileCheck {
  readonly #db: Database;
  readonly #faults: Faults;
  /** By level, from 1: hashes in order, from the first that is computed anew. */
  readonly #levels: { readonly first: number; readonly hashes: Uint8Array[] }[] = [];
  readonly #begin: number;

  /** @param begin events before the first that is looked at */
  constructor(db: Database, faults: Faults, begin: number) {
    this.#db = db;
    this.#faults = faults;
    this.#begin = begin;
  }

  /** Takes the root of the next full tile of leaves. */
  add(root: Uint8Array): void {
    this.#addTo(1, root);
  }

  #addTo(level: number, hash: Uint8Array): void {
    this.#levels[level] ??= { first: Math.ceil(this.#begin / TILE_WIDTH ** level), hashes: [] };
    const { first, hashes } = this.#levels[level];
    hashes.push(hash);
    const count = first + hashes.length;
    // A tile whose beginning was verified before is not hashed anew.
    if (count % TILE_WIDTH === 0 && hashes.length >= TILE_WIDTH) {
      this.#addTo(level + 1, perfectRoot(Buffer.concat(hashes.slice(-TILE_WIDTH))));
    }
  }

  /**
   * Compares what is stored with what was computed.
   *
   * @param size events in the log
   * @param signedSize of the newest checkpoint in the database: so much of the tree must be stored
   */
  finish(size: number, signedSize: number): void {
    const rows = this.#db
      .prepare<[], TileRow>("SELECT level, tile, hashes FROM audit_tiles ORDER BY level, tile")
      .iterate();
    const stored = new Map<number, number>();
    const leavesFrom = logRow(this.#db)?.leavesFrom ?? 1;
    for (const { level, tile, hashes } of rows) {
      const count = hashes.length / HASH_BYTES;
      const isMisplaced =
        level === 0 ? tile * TILE_WIDTH + 1 >= leavesFrom : tile * TILE_WIDTH !== (stored.get(level) ?? 0);
      const isTooMany = tile * TILE_WIDTH + count > levelWidth(level, size);
      if (isMisplaced || isTooMany || !Number.isInteger(count) || count === 0 || level < 0 || tile < 0) {
        this.#fault(level, tile, "does not belong there");
      } else if (level > 0) this.#compare(level, tile, hashes);
      stored.set(level, tile * TILE_WIDTH + Math.floor(count));
    }
    for (let level = 1; levelWidth(level, signedSize) > 0; level += 1) {
      const wanted = levelWidth(level, signedSize);
      const found = stored.get(level) ?? 0;
      if (found < wanted) this.#fault(level, Math.floor(found / TILE_WIDTH), "is missing, or cut short");
    }
  }

  #compare(level: number, tile: number, stored: Buffer): void {
    const computed = this.#levels[level];
    if (computed === undefined) return;
    for (let i = 0; i < stored.length / HASH_BYTES; i += 1) {
      const index = tile * TILE_WIDTH + i;
      const hash = computed.hashes[index - computed.first];
      if (hash === undefined || stored.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES).equals(hash)) continue;
      const events = TILE_WIDTH ** level;
      const [from, to] = [index * events + 1, (index + 1) * events];
      this.#faults.add(
        "audit_tiles",
        from,
        `the hash of the events ${from} to ${to} at level ${level} is not theirs`,
      );
    }
  }

  #fault(level: number, tile: number, detail: string): void {
    this.#faults.add("audit_tiles", null, `tile ${tile} of level ${level} ${detail}`);
  }
}
