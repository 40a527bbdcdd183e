import { type NodeSource, rangeRoot, splitOf } from "./proofs.ts";

/** Leaves [start, end), from 0. */
export interface LeafRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What is needed beside some leaves to make the root of a tree of `size`: the roots of the largest subtrees that have none of them,
 * left to right. Whoever has the leaves takes the tree apart as RFC 6962 does, and where a subtree has none of them, its root from here.
 */
export function subsetProof(node: NodeSource, size: number, leaves: readonly LeafRange[]): Uint8Array[] {
  const proof: Uint8Array[] = [];
  const visit = (start: number, end: number, among: readonly LeafRange[]): void => {
    const inside = among.filter((range) => range.start < end && range.end > start);
    if (inside.length === 0) proof.push(rangeRoot(node, start, end));
    else if (!inside.some((range) => range.start <= start && range.end >= end)) {
      const middle = start + splitOf(end - start);
      visit(start, middle, inside);
      visit(middle, end, inside);
    }
  };
  if (size > 0) visit(0, size, leaves);
  return proof;
}
