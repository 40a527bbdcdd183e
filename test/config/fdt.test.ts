import { describe, expect, test } from "vitest";
import { fromHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { DEVICE_TREE_BYTES_MAX, parseDeviceTree } from "#config/device-tree/fdt.ts";
import { cpuMs } from "../support/cpu-time.ts";
import { nodeAt, parsed, treeOf } from "../support/device-tree.ts";
import { buildDtb, cells, type DtbNode } from "../support/fdt-builder.ts";

/** What the refusal says of these bytes. */
function refusal(bytes: Uint8Array): string {
  const result = parseDeviceTree(bytes, "bad.dtb");
  if (!isProblem(result)) throw new Error("accepted");
  expect(result.code).toBe("device-tree-invalid");
  expect(result.detail).toMatch(/^bad\.dtb is not a device tree: /);
  return result.detail;
}

/** A copy of `bytes` with words overwritten: offset, value. */
function patched(bytes: Uint8Array, ...words: readonly (readonly [number, number])[]): Uint8Array {
  const copy = bytes.slice();
  for (const [offset, value] of words) new DataView(copy.buffer).setUint32(offset, value);
  return copy;
}

/** Magic, total size and the other header fields, by offset. */
const HEADER = {
  total: 4,
  struct: 8,
  strings: 12,
  reservations: 16,
  version: 20,
  last: 24,
  stringsSize: 32,
  structSize: 36,
};
/** Where the builder puts the structure block. */
const STRUCT = 56;

/** A tree whose structure block is exactly these words; its strings block holds `a`. */
function structure(...words: readonly number[]): Uint8Array {
  const struct = cells(...words);
  const stringsAt = STRUCT + struct.length;
  return Uint8Array.from([
    ...cells(0xd00dfeed, stringsAt + 2, STRUCT, stringsAt, 40, 17, 16, 0, 2, struct.length, 0, 0, 0, 0),
    ...struct,
    0x61,
    0,
  ]);
}

const BEGIN = 1;
const END_NODE = 2;
const PROP = 3;
const NOP = 4;
const END = 9;
/** `b` and its NUL, padded. */
const NAME_B = 0x62000000;

const SAMPLE: DtbNode = {
  props: { "#address-cells": [2], model: "sample" },
  children: {
    soc: {
      props: { ranges: true },
      children: {
        "i2c@e6508000": { props: { phandle: [7], reg: [0, 0xe6508000, 0, 0x1000] } },
        "gpu@fd000000": { props: { "linux,phandle": [8], compatible: ["img,gx", "img,rogue"] } },
      },
    },
    firmware: { children: { scmi: {} } },
  },
};

describe("a flattened device tree", () => {
  test("written out by hand reads as its one node with its one property", () => {
    const bytes = fromHex(
      "d00dfeed" +
        "0000005f" +
        "00000038" +
        "0000005c" +
        "00000028" +
        "00000011" +
        "00000010" +
        "00000000" +
        "00000003" +
        "00000024" +
        "0000000000000000" +
        "0000000000000000" +
        "00000001" +
        "00000000" + // root
        "00000003" +
        "00000006" +
        "00000000" +
        "6869207468650000" + // ab = "hi the", 6 bytes
        "00000002" +
        "00000009" +
        "616200",
    );
    const tree = parsed(bytes ?? new Uint8Array());
    expect(tree.nodes).toHaveLength(1);
    expect(tree.root.path).toBe("/");
    expect(tree.root.parent).toBeNull();
    expect(new TextDecoder().decode(tree.root.properties.get("ab"))).toBe("hi the");
  });

  test.each([16, 17] as const)(
    "of version %i has its nodes in tree order, with paths and parents",
    (version) => {
      const tree = parsed(buildDtb(SAMPLE, version));
      expect(tree.nodes.map((node) => node.path)).toEqual([
        "/",
        "/soc",
        "/soc/i2c@e6508000",
        "/soc/gpu@fd000000",
        "/firmware",
        "/firmware/scmi",
      ]);
      expect(tree.root.children.map((node) => node.name)).toEqual(["soc", "firmware"]);
      expect(nodeAt(tree, "/firmware/scmi").parent).toBe(nodeAt(tree, "/firmware"));
      expect([...nodeAt(tree, "/soc/i2c@e6508000").properties]).toEqual([
        ["phandle", cells(7)],
        ["reg", cells(0, 0xe6508000, 0, 0x1000)],
      ]);
    },
  );

  test("is found by full path, with the unit address and without regard to case", () => {
    const tree = treeOf(SAMPLE);
    expect(tree.nodeByPath("/")).toBe(tree.root);
    expect(tree.nodeByPath("/SOC/I2C@E6508000")).toBe(tree.nodes[2]);
    for (const path of [
      "",
      "soc",
      "/soc/",
      "//soc",
      "/soc/i2c",
      "/soc/i2c@e6508000/",
      "/model",
      "/\u017foc",
    ]) {
      expect(tree.nodeByPath(path), path).toBeUndefined();
    }
  });

  test("is found by phandle, under the old name of that property too", () => {
    const tree = treeOf(SAMPLE);
    expect(tree.nodeByPhandle(7)?.name).toBe("i2c@e6508000");
    expect(tree.nodeByPhandle(8)?.name).toBe("gpu@fd000000");
    expect(tree.nodeByPhandle(9)).toBeUndefined();
    expect(tree.nodeByPhandle(0)).toBeUndefined();
  });

  test("gives a phandle to its first holder, and a node its first phandle", () => {
    const tree = treeOf({
      children: [
        ["none", { props: [["phandle", [0]]] }],
        ["short", { props: [["phandle", Uint8Array.of(0, 0, 5)]] }],
        [
          "first",
          {
            props: [
              ["linux,phandle", [5]],
              ["phandle", [6]],
            ],
          },
        ],
        ["second", { props: [["phandle", [5]]] }],
      ],
    });
    expect(tree.nodeByPhandle(5)?.name).toBe("first");
    expect(tree.nodeByPhandle(6)).toBeUndefined();
    expect(tree.nodeByPhandle(0x500)).toBeUndefined();
    expect(tree.nodeByPhandle(0)).toBeUndefined();
  });

  test("may name nodes and properties alike: the first counts, but what is below either is found", () => {
    const tree = treeOf({
      children: [
        [
          "bus",
          {
            props: [
              ["reg", [1]],
              ["reg", [2]],
            ],
            children: [["a", {}]],
          },
        ],
        [
          "BUS",
          {
            children: [
              ["a", {}],
              ["b", {}],
            ],
          },
        ],
      ],
    });
    expect(tree.nodes).toHaveLength(6);
    expect(tree.nodeByPath("/bus")).toBe(tree.nodes[1]);
    expect(tree.nodeByPath("/bus/a")).toBe(tree.nodes[2]);
    expect(tree.nodeByPath("/bus/b")).toBe(tree.nodes[5]);
    expect(nodeAt(tree, "/bus").properties.get("reg")).toEqual(cells(1));
  });

  test("may have no-operation tokens between others, and bytes after its end", () => {
    const bytes = structure(
      NOP,
      BEGIN,
      0,
      NOP,
      PROP,
      0,
      0,
      NOP,
      BEGIN,
      NAME_B,
      NOP,
      END_NODE,
      NOP,
      END_NODE,
      NOP,
      END,
      77,
    );
    const tree = parsed(Uint8Array.from([...bytes, 1, 2, 3]));
    expect(tree.nodes.map((node) => node.path)).toEqual(["/", "/b"]);
    expect(tree.root.properties.get("a")).toEqual(new Uint8Array());
  });

  test("is read from the middle of a larger buffer", () => {
    const bytes = buildDtb(SAMPLE);
    const buffer = new Uint8Array(bytes.length + 6);
    buffer.set(bytes, 3);
    expect(parsed(buffer.subarray(3, 3 + bytes.length)).nodes).toHaveLength(6);
  });
});

describe("bytes that are no device tree are refused with what is wrong", () => {
  const good = buildDtb(SAMPLE);

  test.each([
    ["nothing", new Uint8Array(), "it has 0 bytes, fewer than its magic number"],
    ["another file", new TextEncoder().encode("/dts-v1/;"), "it starts with 0x2f647473"],
    ["less than a header", good.slice(0, 35), "fewer than its header"],
    [
      "a cut-off tree",
      good.slice(0, -1),
      `it is cut off: ${good.length - 1} of ${good.length} bytes are there`,
    ],
    ["a total size without room for the header", patched(good, [HEADER.total, 39]), "no room for the header"],
    ["version 3", patched(good, [HEADER.version, 3], [HEADER.last, 2]), "it is of version 3"],
    ["a version of the future", patched(good, [HEADER.version, 20], [HEADER.last, 18]), "back to 18"],
    [
      "versions the wrong way round",
      patched(good, [HEADER.version, 16], [HEADER.last, 17]),
      "it is of version 16",
    ],
    [
      "a structure block over the header",
      patched(good, [HEADER.struct, 36]),
      "its structure block at 0x24 is misplaced",
    ],
    [
      "an unaligned structure block",
      patched(good, [HEADER.struct, 57]),
      "its structure block at 0x39 is misplaced",
    ],
    [
      "a structure block outside",
      patched(good, [HEADER.struct, 0xfffffffc]),
      "its structure block at 0xfffffffc",
    ],
    [
      "a structure block too long",
      patched(good, [HEADER.structSize, 0xffffffff]),
      "structure block reaches beyond",
    ],
    ["strings over the header", patched(good, [HEADER.strings, 8]), "strings block reaches beyond"],
    ["strings too long", patched(good, [HEADER.stringsSize, 0xffffffff]), "strings block reaches beyond"],
    [
      "reservations outside",
      patched(good, [HEADER.reservations, 0x7fffffff]),
      "reservation block lies outside",
    ],
  ])("header: %s", (_, bytes, why) => {
    expect(refusal(bytes)).toContain(why);
  });

  test.each([
    ["no token at all", structure(), "has no end token"],
    ["no node", structure(END), "it has no root node"],
    ["a node left open", structure(BEGIN, 0, BEGIN, NAME_B, END_NODE, END), "node / is not closed"],
    ["no end token", structure(BEGIN, 0, END_NODE), "has no end token"],
    ["an unknown token", structure(BEGIN, 0, 5), "there is no token 0x5 (at offset 0x40)"],
    ["two roots", structure(BEGIN, 0, END_NODE, BEGIN, 0, END_NODE, END), "a second root node"],
    ["a node closed twice", structure(BEGIN, 0, END_NODE, END_NODE, END), "closed that was not opened"],
    [
      "a node without a name",
      structure(BEGIN, 0, BEGIN, 0, END_NODE, END_NODE, END),
      "a node below / has no name",
    ],
    [
      "a name with a slash",
      structure(BEGIN, 0, BEGIN, 0x622f6200, END_NODE, END_NODE, END),
      "name of node b/b has a slash",
    ],
    [
      "a name with a control character",
      structure(BEGIN, 0, BEGIN, 0x621b6200, END_NODE),
      "a node has the byte 0x1b",
    ],
    ["a name that does not end", structure(BEGIN, 0, BEGIN, 0x62626262), "the name of a node does not end"],
    ["a name with no byte", structure(BEGIN), "the name of a node lies outside of its block"],
    [
      "a property outside of nodes",
      structure(PROP, 0, 0, BEGIN, 0, END_NODE, END),
      "a property outside of any node",
    ],
    [
      "a property after sub-nodes",
      structure(BEGIN, 0, BEGIN, NAME_B, END_NODE, PROP, 0, 0, END_NODE, END),
      "a property of / after its sub-nodes",
    ],
    ["half a property", structure(BEGIN, 0, PROP, 0), "a property of / is cut off"],
    [
      "a value past the end",
      structure(BEGIN, 0, PROP, 9, 0, END_NODE, END),
      "property a of / reaches beyond",
    ],
    [
      "a value as long as can be",
      structure(BEGIN, 0, PROP, 0xffffffff, 0, END_NODE, END),
      "property a of / reaches",
    ],
    [
      "a property's name outside",
      structure(BEGIN, 0, PROP, 0, 2, END_NODE, END),
      "lies outside of its block",
    ],
    [
      "a property's name far outside",
      structure(BEGIN, 0, PROP, 0, 0xffffffff, END_NODE, END),
      "lies outside",
    ],
    ["a property without a name", structure(BEGIN, 0, PROP, 0, 1, END_NODE, END), "a property of / is empty"],
  ])("structure: %s", (_, bytes, why) => {
    expect(refusal(bytes)).toContain(why);
  });

  test("a property's name that does not end", () => {
    const bytes = structure(BEGIN, 0, PROP, 0, 0, END_NODE, END);
    bytes[bytes.length - 1] = 0x61;
    expect(refusal(bytes)).toContain("a property of / does not end");
  });

  test("names of 255 characters are read, of 256 not", () => {
    expect(treeOf({ children: { ["n".repeat(255)]: {} } }).nodes).toHaveLength(2);
    expect(refusal(buildDtb({ children: { ["n".repeat(256)]: {} } }))).toContain("more than 255 characters");
    expect(refusal(buildDtb({ props: { ["p".repeat(256)]: true } }))).toContain("more than 255 characters");
  });

  test("64 levels are read, a 65th not, and ten thousand do no harm", () => {
    const nested = (levels: number) => {
      const below = new Array<number[]>(levels - 1).fill([BEGIN, NAME_B]).flat();
      return structure(BEGIN, 0, ...below, ...new Array<number>(levels).fill(END_NODE), END);
    };
    expect(parsed(nested(64)).nodes).toHaveLength(64);
    expect(refusal(nested(65))).toContain("nested more than 64 deep");
    expect(refusal(nested(10_000))).toContain("nested more than 64 deep");
  });

  test("more than 8 MiB", () => {
    const bytes = new Uint8Array(DEVICE_TREE_BYTES_MAX + 1);
    bytes.set(good);
    expect(refusal(bytes)).toContain("at most 8388608 are read");
    expect(parsed(bytes.subarray(0, DEVICE_TREE_BYTES_MAX)).nodes).toHaveLength(6);
  });
});

describe("size", () => {
  test("8 MiB with 20,000 nodes are read in well under a second", () => {
    const block = new Uint8Array(360);
    const bytes = buildDtb({
      children: Array.from({ length: 200 }, (_, bus): [string, DtbNode] => [
        `bus@${bus}`,
        {
          children: Array.from({ length: 100 }, (_, device): [string, DtbNode] => [
            `device@${device}`,
            { props: { phandle: [1000 * bus + device + 1], reg: block } },
          ]),
        },
      ]),
    });
    expect(bytes.length).toBeGreaterThan(8_000_000);
    const start = cpuMs();
    const tree = parsed(bytes);
    expect(cpuMs() - start).toBeLessThan(1000);
    expect(tree.nodes).toHaveLength(20_201);
    expect(tree.nodeByPath("/bus@199/device@99")).toBe(tree.nodeByPhandle(199_100));
  });

  test("8 MiB of nothing but the smallest nodes are read too", () => {
    const count = 690_000;
    const words = new Uint32Array(count * 3 + 4);
    words.set([BEGIN, 0]);
    for (let node = 0; node < count; node += 1) words.set([BEGIN, NAME_B, END_NODE], 2 + 3 * node);
    words.set([END_NODE, END], 2 + 3 * count);
    const bytes = new Uint8Array(STRUCT + 4 * words.length);
    const view = new DataView(bytes.buffer);
    [0xd00dfeed, bytes.length, STRUCT, STRUCT, 40, 17, 16, 0, 0, 4 * words.length].forEach((word, at) => {
      view.setUint32(4 * at, word);
    });
    words.forEach((word, at) => {
      view.setUint32(STRUCT + 4 * at, word);
    });
    expect(parsed(bytes).nodes).toHaveLength(count + 1);
  });
});
