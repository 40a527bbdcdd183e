import { emptyRoot, nodeHash } from "./hash.ts";

/**
 * The right edge of a growing tree: one root for each perfect subtree that its size is made of, largest first on the left. It is
 * all that appending and the root need: at most one hash for every bit of the size.
 */
export class Frontier {
  #size = 0;
  /** By height: the root of the perfect subtree of 2^height leaves, where the size has that bit. */
  readonly #subtrees: (Uint8Array | undefined)[] = [];

  /** The edge of a tree of `size` leaves, from its nodes. */
  static at(size: number, node: (height: number, index: number) => Uint8Array): Frontier {
    const frontier = new Frontier();
    for (const { height, index } of subtreesOf(0, size)) frontier.append(node(height, index), height);
    return frontier;
  }

  /** The same edge, which grows on its own. */
  copy(): Frontier {
    const copy = new Frontier();
    copy.#size = this.#size;
    copy.#subtrees.push(...this.#subtrees);
    return copy;
  }

  /** Leaves so far. */
  get size(): number {
    return this.#size;
  }

  /**
   * Appends a leaf by its hash, or a perfect subtree by its root: 2^height leaves, of which the size must be a multiple.
   */
  append(hash: Uint8Array, height = 0): void {
    const count = 2 ** height;
    if (this.#size % count !== 0) throw new Error("bug: a subtree can only follow whole ones of its size");
    let top = hash;
    let at = height;
    for (;;) {
      const left = this.#subtrees[at];
      if (left === undefined) break;
      top = nodeHash(left, top);
      this.#subtrees[at] = undefined;
      at += 1;
    }
    this.#subtrees[at] = top;
    this.#size += count;
  }

  /** Root of the whole tree. */
  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const subtree of this.#subtrees) {
      if (subtree !== undefined) root = root === undefined ? subtree : nodeHash(subtree, root);
    }
    return root ?? emptyRoot();
  }
}

/** A perfect subtree: leaves [index · 2^height, (index + 1) · 2^height). */
export interface Subtree {
  readonly height: number;
  readonly index: number;
}

/** The perfect subtrees that leaves [start, end) are made of, left to right, each as large as it can be. */
export function subtreesOf(start: number, end: number): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end; ) {
    let height = 0;
    let count = 1;
    while (at % (2 * count) === 0 && at + 2 * count <= end) {
      height += 1;
      count *= 2;
    }
    subtrees.push({ height, index: at / count });
    at += count;
  }
  return subtrees;
}
