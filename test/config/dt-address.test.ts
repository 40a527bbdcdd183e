import { describe, expect, test } from "vitest";
import { readRegion } from "#config/device-tree/address.ts";
import { nodeAt, treeOf } from "../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";

type Props = Record<string, DtbValue>;

/** The region of a page that lies below nodes with these properties, the root first. */
function regionBelow(levels: readonly Props[], reg: DtbValue, index = 0) {
  const page: DtbNode = { props: { reg } };
  const root = levels.reduceRight<DtbNode>((child, props) => ({ props, children: { n: child } }), page);
  const tree = treeOf(root);
  return readRegion(nodeAt(tree, "/n".repeat(levels.length)), index);
}

const WIDE: Props = { "#address-cells": [2], "#size-cells": [2] };
const NARROW: Props = { "#address-cells": [1], "#size-cells": [1] };
const PAGE = { address: 0x47ff0000, size: 0x1000 };

describe("directly below the root", () => {
  test("the root's cell counts hold, and it needs no ranges", () => {
    expect(regionBelow([WIDE], [0, 0x47ff0000, 0, 0x1000])).toEqual(PAGE);
    expect(regionBelow([NARROW], [0x47ff0000, 0x1000])).toEqual(PAGE);
  });

  test("a root that says nothing has 2 address cells and 1 size cell", () => {
    expect(regionBelow([{}], [0, 0x47ff0000, 0x1000])).toEqual(PAGE);
    expect(regionBelow([{ "#size-cells": [2] }], [0, 0x47ff0000, 0, 0x1000])).toEqual(PAGE);
  });

  test("entries are counted from 0", () => {
    const reg = [0, 0x1000, 0, 0x10, 0, 0x2000, 0, 0x20];
    expect(regionBelow([WIDE], reg, 1)).toEqual({ address: 0x2000, size: 0x20 });
    expect(regionBelow([WIDE], reg, 2)).toBeNull();
  });

  test("an entry cut short, an absent reg and the root itself have no region; a ragged tail is left out", () => {
    expect(regionBelow([WIDE], [0, 0x47ff0000, 0])).toBeNull();
    expect(regionBelow([WIDE], true)).toBeNull();
    expect(regionBelow([NARROW], Uint8Array.of(0, 0, 0x10, 0, 0, 0, 0x20, 0, 1))).toEqual({
      address: 0x1000,
      size: 0x2000,
    });
    const tree = treeOf({ props: { reg: [0, 0, 1] }, children: { n: {} } });
    expect(readRegion(tree.root, 0)).toBeNull();
    expect(readRegion(nodeAt(tree, "/n"), 0)).toBeNull();
  });

  test("a node's own cell counts are for what is below it, not for itself", () => {
    const tree = treeOf({
      props: WIDE,
      children: { n: { props: { ...NARROW, reg: [0, 0x47ff0000, 0, 0x1000] } } },
    });
    expect(readRegion(nodeAt(tree, "/n"), 0)).toEqual(PAGE);
  });
});

describe("cell counts", () => {
  test("are inherited from the nearest node that has them, each on its own", () => {
    const reg = [0, 0x47ff0000, 0, 0x1000];
    expect(regionBelow([WIDE, { ranges: true }, { ranges: true }], reg)).toEqual(PAGE);
    expect(regionBelow([WIDE, { ranges: true, "#size-cells": [1] }], [0, 0x47ff0000, 0x1000])).toEqual(PAGE);
  });

  test.each<[string, Props]>([
    ["no address cells", { "#address-cells": [0], "#size-cells": [1] }],
    ["five address cells", { "#address-cells": [5], "#size-cells": [1] }],
    ["address cells beyond counting", { "#address-cells": [0xffffffff], "#size-cells": [1] }],
    ["no size cells", { "#address-cells": [1], "#size-cells": [0] }],
    ["size cells beyond counting", { "#address-cells": [1], "#size-cells": [0xffffffff] }],
    ["an unreadable count", { "#address-cells": Uint8Array.of(1), "#size-cells": [1] }],
  ])("%s: no region", (_, counts) => {
    expect(regionBelow([counts], [0, 0, 0, 0, 0, 0, 0])).toBeNull();
    expect(regionBelow([WIDE, { ...counts, ranges: true }], [0, 0, 0, 0, 0, 0, 0])).toBeNull();
    expect(regionBelow([counts, { ...WIDE, ranges: true }], [0, 0, 0, 0])).toBeNull();
  });
});

describe("ranges", () => {
  test("are needed at every node between this one and the root", () => {
    const reg = [0, 0x47ff0000, 0, 0x1000];
    const chosen = { ...WIDE, ranges: true } as const;
    expect(regionBelow([WIDE, chosen, chosen, chosen], reg)).toEqual(PAGE);
    expect(regionBelow([WIDE, WIDE, chosen, chosen], reg)).toBeNull();
    expect(regionBelow([WIDE, chosen, WIDE, chosen], reg)).toBeNull();
    expect(regionBelow([WIDE, chosen, chosen, WIDE], reg)).toBeNull();
  });

  test("translate from the child's cells to the parent's", () => {
    const sram = { ...NARROW, ranges: [0, 0, 0x3ff00000, 0x10000] };
    expect(regionBelow([{}, sram], [0x2000, 0x1000])).toEqual({ address: 0x3ff02000, size: 0x1000 });
  });

  test("translate at every level", () => {
    const outer = { ...WIDE, ranges: [0, 0x1000_0000, 4, 0, 0, 0x1000_0000] };
    const inner = { ...NARROW, ranges: [0x100, 0, 0x1000_8000, 0x100] };
    expect(regionBelow([WIDE, outer, inner], [0x180, 0x10])).toEqual({ address: 0x4_0000_8080, size: 0x10 });
  });

  test("take the first entry that covers the address, and cover no more than their size", () => {
    const ranges = [0x1000, 0xa000, 0x100, 0x1000, 0xb000, 0x200, 0x2000, 0xc000, 0x100];
    const bus = { ...NARROW, ranges };
    expect(regionBelow([NARROW, bus], [0x1000, 4])?.address).toBe(0xa000);
    expect(regionBelow([NARROW, bus], [0x10ff, 4])?.address).toBe(0xa0ff);
    expect(regionBelow([NARROW, bus], [0x1100, 4])?.address).toBe(0xb100);
    expect(regionBelow([NARROW, bus], [0x2000, 0x1000])).toEqual({ address: 0xc000, size: 0x1000 });
    expect(regionBelow([NARROW, bus], [0x0fff, 4])).toBeNull();
    expect(regionBelow([NARROW, bus], [0x1200, 4])).toBeNull();
    expect(regionBelow([NARROW, bus], [0x2100, 4])).toBeNull();
  });

  test("that end in half an entry are read up to it", () => {
    expect(
      regionBelow([NARROW, { ...NARROW, ranges: [0, 0xa000, 0x100, 0x200, 0xb000] }], [0x200, 4]),
    ).toBeNull();
    expect(regionBelow([NARROW, { ...NARROW, ranges: [0, 0xa000] }], [0, 4])).toBeNull();
  });

  test("with three address cells need the very same address", () => {
    const bus = { "#address-cells": [3], "#size-cells": [1], ranges: [7, 0, 0x100, 0, 0x5000, 0x1000] };
    expect(regionBelow([WIDE, bus], [7, 0, 0x100, 4])).toEqual({ address: 0x5000, size: 4 });
    expect(regionBelow([WIDE, bus], [7, 0, 0x104, 4])).toBeNull();
    expect(regionBelow([WIDE, bus], [6, 0, 0x100, 4])).toBeNull();
  });

  test("into one cell cut off what does not fit, as Xen does", () => {
    const bus = { ...WIDE, ranges: true } as const;
    expect(regionBelow([NARROW, bus], [1, 0x2000, 0, 4])).toEqual({ address: 0x2000, size: 4 });
  });
});

describe("large values", () => {
  test("of hundreds of thousands of cells are read by their last two, without delay", () => {
    const reg = new Uint8Array(4 * 500_001);
    reg.set([0, 0, 0x10, 0], 0);
    reg.set([0, 0, 0, 0xff, 0, 0, 0x20, 0], reg.length - 8);
    expect(regionBelow([{ "#address-cells": [1], "#size-cells": [500_000] }], reg)).toEqual({
      address: 0x1000,
      size: 0xff_0000_2000,
    });
  });

  test("up to 2^53 - 1 are given, above not", () => {
    expect(regionBelow([WIDE], [0x1fffff, 0xffffffff, 0, 4])?.address).toBe(Number.MAX_SAFE_INTEGER);
    expect(regionBelow([WIDE], [0x200000, 0, 0, 4])).toBeNull();
    expect(regionBelow([WIDE], [0xffffffff, 0xffffffff, 0, 4])).toBeNull();
    expect(regionBelow([WIDE], [0, 0, 0x1fffff, 0xffffffff])?.size).toBe(Number.MAX_SAFE_INTEGER);
    expect(regionBelow([WIDE], [0, 0, 0x200000, 0])).toBeNull();
  });
});
