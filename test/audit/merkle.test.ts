import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Frontier } from "#audit/merkle/frontier.ts";
import { emptyRoot, leafHash, perfectRoot } from "#audit/merkle/hash.ts";
import {
  consistencyProof,
  inclusionProof,
  type NodeSource,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from "#audit/merkle/proofs.ts";
import { fromHex, toHex } from "#base/hex.ts";

/** The eight leaves that implementations of certificate transparency test with, and the roots of the trees of the first n. */
const INPUTS = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const ROOTS = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** The definition of RFC 6962, as it stands there. */
function naiveRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const sha = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
  if (leaves.length === 0) return sha();
  if (leaves.length === 1) return sha(Uint8Array.of(0), leaves[0] as Uint8Array);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return sha(Uint8Array.of(1), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

function naiveNodes(leaves: readonly Uint8Array[]): NodeSource {
  return (height, index) => naiveRoot(leaves.slice(index * 2 ** height, (index + 1) * 2 ** height));
}

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Buffer.from(`leaf ${i}`));
}

const hex = (hashes: readonly Uint8Array[]) => hashes.map(toHex);

describe("published vectors", () => {
  const leaves = INPUTS.map((input) => fromHex(input) as Uint8Array);
  const node = naiveNodes(leaves);

  test("roots of the first n leaves, appended one by one", () => {
    const frontier = new Frontier();
    expect(toHex(frontier.root())).toBe(ROOTS[0]);
    for (const [i, leaf] of leaves.entries()) {
      frontier.append(leafHash(leaf));
      expect(toHex(frontier.root())).toBe(ROOTS[i + 1]);
      expect(toHex(treeRoot(node, i + 1))).toBe(ROOTS[i + 1]);
    }
    expect(toHex(perfectRoot(Buffer.concat(leaves.map(leafHash))))).toBe(ROOTS[8]);
  });

  test("inclusion of a leaf in the middle, of the last of an uneven tree, and of the only one", () => {
    expect(hex(inclusionProof(node, 5, 8))).toEqual([
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect(hex(inclusionProof(node, 2, 3))).toEqual([ROOTS[2]]);
    expect(hex(inclusionProof(node, 1, 5))).toEqual([
      ROOTS[1],
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]);
    expect(inclusionProof(node, 0, 1)).toEqual([]);
  });

  test("consistency of trees whose sizes are powers of two, and of others", () => {
    expect(consistencyProof(node, 1, 1)).toEqual([]);
    expect(hex(consistencyProof(node, 1, 8))).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(hex(consistencyProof(node, 6, 8))).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      ROOTS[4],
    ]);
    expect(hex(consistencyProof(node, 2, 5))).toEqual([
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]);
  });
});

describe("against the definition, for all small trees", () => {
  const sizes = fc.integer({ min: 0, max: 70 });

  test("the frontier has the root, however it was come by", () => {
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const leaves = leavesOf(to);
        const frontier = Frontier.at(from, naiveNodes(leaves));
        expect(frontier.size).toBe(from);
        expect(toHex(frontier.root())).toBe(toHex(naiveRoot(leaves.slice(0, from))));
        for (const leaf of leaves.slice(from)) frontier.append(leafHash(leaf));
        expect(toHex(frontier.root())).toBe(toHex(naiveRoot(leaves)));
      }),
      { numRuns: 60 },
    );
  });

  test("every leaf of every tree is proved, and no other leaf, index, size or root by the same proof", () => {
    for (let size = 1; size <= 33; size += 1) {
      const leaves = leavesOf(size);
      const root = naiveRoot(leaves);
      const node = naiveNodes(leaves);
      for (const [index, leaf] of leaves.entries()) {
        const proof = inclusionProof(node, index, size);
        const hash = leafHash(leaf);
        expect(verifyInclusion(hash, index, size, proof, root)).toBe(true);
        const refused = [
          size > 1 && verifyInclusion(root, index, size, proof, hash),
          verifyInclusion(hash.subarray(1), index, size, proof, root.subarray(1)),
          verifyInclusion(leafHash(Buffer.from("x")), index, size, proof, root),
          verifyInclusion(hash, index + 1, size, proof, root),
          verifyInclusion(hash, index - 1, size, proof, root),
          verifyInclusion(hash, size, size, proof, root),
          verifyInclusion(hash, index, size, proof, emptyRoot()),
          verifyInclusion(hash, index, size, [...proof, root], root),
          verifyInclusion(hash, index, size, [root, ...proof], root),
          size > 1 && verifyInclusion(hash, index, size, proof.slice(1), root),
          size > 1 && verifyInclusion(hash, index, size, proof.slice(0, -1), root),
          size > 2 && verifyInclusion(hash, index, size, [...proof].reverse(), root) && proof.length > 1,
        ];
        expect(refused).toEqual(refused.map(() => false));
      }
    }
  });

  test("every prefix of every tree is proved, and nothing else by the same proof", () => {
    for (let size = 0; size <= 33; size += 1) {
      const leaves = leavesOf(size);
      const node = naiveNodes(leaves);
      const after = { size, root: naiveRoot(leaves) };
      for (let from = 0; from <= size; from += 1) {
        const before = { size: from, root: naiveRoot(leaves.slice(0, from)) };
        const proof = consistencyProof(node, from, size);
        expect(verifyConsistency(before, after, proof)).toBe(true);
        const other = leafHash(Buffer.from("x"));
        const refused = [
          verifyConsistency({ ...before, root: other }, after, proof),
          from > 0 && verifyConsistency(before, { ...after, root: other }, proof),
          verifyConsistency(before, after, [...proof, other]),
          proof.length > 0 && verifyConsistency(before, after, proof.slice(1)),
          proof.length > 0 && verifyConsistency(before, after, proof.slice(0, -1)),
          proof.length > 0 && verifyConsistency(before, after, proof.with(0, other)),
          size > from && verifyConsistency(after, before, proof),
          from > 0 && size > from && verifyConsistency({ ...before, size: from - 1 }, after, proof),
        ];
        expect(refused, `${from} of ${size}`).toEqual(refused.map(() => false));
      }
    }
  });

  test("numbers that count nothing are refused", () => {
    const root = naiveRoot(leavesOf(1));
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(verifyInclusion(root, bad, bad + 1, [], root)).toBe(false);
      expect(verifyConsistency({ size: bad, root }, { size: bad, root }, [])).toBe(false);
    }
  });
});
