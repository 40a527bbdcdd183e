import { HASH_BYTES } from "../merkle/hash.ts";

/**
 * The leaves appended last, so that the tree over them is made without reading them back. A transaction that is taken back leaves
 * some here that never were: nobody asks for them before they are written over.
 */
export class RecentLeaves {
  readonly #bytes: Buffer;
  readonly #leavesMax: number;
  #firstSeq = 1;
  #count = 0;

  constructor(leavesMax: number) {
    this.#leavesMax = leavesMax;
    this.#bytes = Buffer.alloc(leavesMax * HASH_BYTES);
  }

  /** Takes the leaf of an event. One that does not follow the last one begins anew. */
  add(seq: number, leaf: Uint8Array): void {
    if (seq !== this.#firstSeq + this.#count || this.#count === this.#leavesMax) {
      this.#firstSeq = seq;
      this.#count = 0;
    }
    this.#bytes.set(leaf, this.#count * HASH_BYTES);
    this.#count += 1;
  }

  /** The leaves of `count` events from a seq on, or null: some of them are not here. */
  read(seq: number, count: number): Buffer | null {
    const at = seq - this.#firstSeq;
    if (at < 0 || at + count > this.#count) return null;
    return this.#bytes.subarray(at * HASH_BYTES, (at + count) * HASH_BYTES);
  }
}
