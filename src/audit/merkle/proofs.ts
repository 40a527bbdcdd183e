import { subtreesOf } from "./frontier.ts";
import { emptyRoot, HASH_BYTES, nodeHash, sameHash } from "./hash.ts";

/** Gives the root of the perfect subtree of leaves [index · 2^height, (index + 1) · 2^height). */
export type NodeSource = (height: number, index: number) => Uint8Array;

/** Root of leaves [start, end), where start is a multiple of a power of two that is not below end - start. */
export function rangeRoot(node: NodeSource, start: number, end: number): Uint8Array {
  const roots = subtreesOf(start, end).map(({ height, index }) => node(height, index));
  return roots.reduceRight((right, left) => nodeHash(left, right));
}

/** Root of the first `size` leaves. */
export function treeRoot(node: NodeSource, size: number): Uint8Array {
  return size === 0 ? emptyRoot() : rangeRoot(node, 0, size);
}

/**
 * The audit path of a leaf, from its sibling up to the child of the root.
 *
 * @param index of the leaf, from 0, below `size`
 * @see RFC 6962 section 2.1.1, PATH
 */
export function inclusionProof(node: NodeSource, index: number, size: number): Uint8Array[] {
  const path: Uint8Array[] = [];
  let start = 0;
  let end = size;
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      path.push(rangeRoot(node, middle, end));
      end = middle;
    } else {
      path.push(rangeRoot(node, start, middle));
      start = middle;
    }
  }
  return path.reverse();
}

/**
 * Proof that the tree of the first `from` leaves is a prefix of the tree of the first `to`: empty where they are the same tree, or
 * the first has no leaves.
 *
 * @see RFC 6962 section 2.1.2, PROOF and SUBPROOF
 */
export function consistencyProof(node: NodeSource, from: number, to: number): Uint8Array[] {
  if (from === 0 || from === to) return [];
  const proof: Uint8Array[] = [];
  let start = 0;
  let end = to;
  while (end !== from) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      proof.push(rangeRoot(node, middle, end));
      end = middle;
    } else {
      proof.push(rangeRoot(node, start, middle));
      start = middle;
    }
  }
  // The old tree itself is known to whoever asks; a part of it is not.
  if (start > 0) proof.push(rangeRoot(node, start, end));
  return proof.reverse();
}

/** Largest power of two below n, for n above 1. */
export function splitOf(n: number): number {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

/** Whether a leaf is in the tree of `size` leaves with this root, at this index. Never throws. */
export function verifyInclusion(
  leaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  if (![leaf, root, ...proof].every(isHash)) return false;
  let hash = leaf;
  let at = index;
  let last = size - 1;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash);
      // A right edge has no right siblings: levels where it stands alone have no node of their own.
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      hash = nodeHash(hash, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && sameHash(hash, root);
}

/** A tree as it is known from outside. */
export interface TreeHead {
  readonly size: number;
  readonly root: Uint8Array;
}

/**
 * Whether `before` is a prefix of `after`. Never throws. The tree without leaves is a prefix of every tree, which proves nothing of
 * the other one.
 */
export function verifyConsistency(before: TreeHead, after: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (!isCount(before.size) || !isCount(after.size) || before.size > after.size) return false;
  if (![before.root, after.root, ...proof].every(isHash)) return false;
  if (before.size === after.size) return proof.length === 0 && sameHash(before.root, after.root);
  if (before.size === 0) return proof.length === 0 && sameHash(before.root, emptyRoot());

  let at = before.size - 1;
  let last = after.size - 1;
  while (at % 2 === 1) {
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  // A tree that is perfect is its own first node.
  const hashes = at === 0 ? [before.root, ...proof] : [...proof];
  const first = hashes.shift();
  if (first === undefined) return false;
  let old = first;
  let young = first;
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      old = nodeHash(sibling, old);
      young = nodeHash(sibling, young);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      young = nodeHash(young, sibling);
    }
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && sameHash(old, before.root) && sameHash(young, after.root);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isHash(bytes: Uint8Array): boolean {
  return bytes.length === HASH_BYTES;
}
