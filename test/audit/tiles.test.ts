import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Frontier } from "#audit/merkle/frontier.ts";
import { HASH_BYTES, leafHash, perfectRoot } from "#audit/merkle/hash.ts";
import { inclusionProof, treeRoot, verifyInclusion } from "#audit/merkle/proofs.ts";
import { ENTRY_BYTES_MAX, entryBundle, readBundle } from "#audit/tiles/bundle.ts";
import {
  levelWidth,
  nodesOf,
  parseTilePath,
  TILE_WIDTH,
  type TilePath,
  tilePath,
  treeHasTile,
} from "#audit/tiles/layout.ts";
import { toHex } from "#base/hex.ts";

describe("paths", () => {
  test.each<[string, TilePath]>([
    ["tile/0/000", { kind: "tile", level: 0, index: 0, width: 256 }],
    ["tile/0/000.p/1", { kind: "tile", level: 0, index: 0, width: 1 }],
    ["tile/2/x001/x234/067", { kind: "tile", level: 2, index: 1234067, width: 256 }],
    ["tile/63/x001/000.p/255", { kind: "tile", level: 63, index: 1000, width: 255 }],
    ["tile/entries/x019/999.p/112", { kind: "entries", index: 19999, width: 112 }],
  ])("%s", (path, what) => {
    expect(tilePath(what)).toBe(path);
    expect(parseTilePath(path.slice("tile/".length))).toEqual(what);
  });

  test.each([
    "",
    "0",
    "0/0",
    "0/00",
    "0/0000",
    "0/1000",
    "00/000",
    "64/000",
    "100/000",
    "-1/000",
    "0/x000/001",
    "0/x1/000",
    "0/001/000",
    "0/000/",
    "0/000.p/0",
    "0/000.p/01",
    "0/000.p/256",
    "0/000.p/",
    "0/000.p",
    "entry/000",
    "entries/000.p/1/",
    "data/000",
    "../0/000",
    "0/%30%30%30",
    `0/${"x999/".repeat(6)}999`,
  ])("%j is none", (path) => {
    expect(parseTilePath(path)).toBeNull();
  });

  test("every tile has one path", () => {
    const tile = fc.record({
      kind: fc.constantFrom("tile" as const, "entries" as const),
      level: fc.nat({ max: 63 }),
      index: fc.nat({ max: 10 ** 12 }),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tile, ({ kind, level, index, width }) => {
        const what: TilePath = kind === "tile" ? { kind, level, index, width } : { kind, index, width };
        expect(parseTilePath(tilePath(what).slice("tile/".length))).toEqual(what);
      }),
    );
  });
});

/** All tiles of a tree of the given leaves, by the definition: level by level, each hash of a full tile below. */
function levelsOf(leaves: readonly Uint8Array[]): Buffer[] {
  const levels = [Buffer.concat(leaves)];
  for (;;) {
    const below = levels.at(-1) as Buffer;
    const tileBytes = TILE_WIDTH * HASH_BYTES;
    if (below.length < tileBytes) return levels;
    const roots = Array.from({ length: Math.floor(below.length / tileBytes) }, (_, i) =>
      perfectRoot(below.subarray(i * tileBytes, (i + 1) * tileBytes)),
    );
    levels.push(Buffer.concat(roots));
  }
}

describe("a tree of 70,000 leaves", () => {
  const SIZE = 70_000;
  const leaves = Array.from({ length: SIZE }, (_, i) => leafHash(Buffer.from(String(i))));
  const levels = levelsOf(leaves);

  test("has the tiles that C2SP's example has", () => {
    expect([0, 1, 2, 3].map((level) => levelWidth(level, SIZE))).toEqual([70_000, 273, 1, 0]);
    expect(treeHasTile(SIZE, { level: 0, index: 272, width: 256 })).toBe(true);
    expect(treeHasTile(SIZE, { level: 0, index: 273, width: 112 })).toBe(true);
    expect(treeHasTile(SIZE, { level: 0, index: 273, width: 113 })).toBe(false);
    expect(treeHasTile(SIZE, { level: 1, index: 1, width: 17 })).toBe(true);
    expect(treeHasTile(SIZE, { level: 1, index: 1, width: 18 })).toBe(false);
    expect(treeHasTile(SIZE, { level: 2, index: 0, width: 1 })).toBe(true);
    expect(treeHasTile(SIZE, { level: 3, index: 0, width: 1 })).toBe(false);
    expect(levels.map((level) => level.length / HASH_BYTES)).toEqual([70_000, 273, 1]);
  });

  test("its tiles give roots and proofs of every prefix, and no tile is asked for that the prefix lacks", () => {
    const asked: boolean[] = [];
    for (const size of [1, 255, 256, 257, 512, 65_535, 65_536, 65_537, 69_999, SIZE]) {
      const node = nodesOf((tile) => {
        asked.push(treeHasTile(size, tile));
        const first = tile.index * TILE_WIDTH * HASH_BYTES;
        return (levels[tile.level] as Buffer).subarray(first, first + tile.width * HASH_BYTES);
      });
      const frontier = new Frontier();
      for (const leaf of leaves.slice(0, size)) frontier.append(leaf);
      expect(toHex(treeRoot(node, size))).toBe(toHex(frontier.root()));
      expect(toHex(Frontier.at(size, node).root())).toBe(toHex(frontier.root()));
      for (const index of new Set([0, Math.floor(size / 2), size - 1])) {
        const proof = inclusionProof(node, index, size);
        expect(verifyInclusion(leaves[index] as Uint8Array, index, size, proof, frontier.root())).toBe(true);
      }
    }
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every((has) => has)).toBe(true);
  });
});

describe("entry bundles", () => {
  test("entries come back, empty ones and the longest too", () => {
    const entries = [Buffer.from("one"), Buffer.alloc(0), Buffer.alloc(ENTRY_BYTES_MAX, 7)];
    const bundle = entryBundle(entries);
    expect(toHex(bundle.subarray(0, 7))).toBe("00036f6e650000");
    expect(readBundle(bundle)?.map(toHex)).toEqual(entries.map(toHex));
    expect(readBundle(bundle.subarray(0, -1))).toBeNull();
    expect(readBundle(bundle.subarray(0, 1))).toBeNull();
    expect(() => entryBundle([Buffer.alloc(ENTRY_BYTES_MAX + 1)])).toThrow("bug");
  });
});
