import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { DeviceTree, DtNode } from "#config/device-tree/fdt.ts";
import { EditableTree } from "#config/tree-writer/editable-tree.ts";
import { memoryReservations } from "#config/tree-writer/reservations.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { cpuMs } from "../../support/cpu-time.ts";
import { parsed, treeOf } from "../../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../../support/dtc.ts";
import { cells, type DtbNode, type DtbValue } from "../../support/fdt-builder.ts";

/** Names and bytes, in the tree's order: what two trees are compared by. */
function plain(node: DtNode): unknown {
  const properties = [...node.properties].map(([name, value]) => [name, Buffer.from(value).toString("hex")]);
  return [node.name, properties, node.children.map(plain)];
}

function sourceOf(tree: EditableTree, options = {}): string {
  const source = toDts(tree, options);
  if (isProblem(source)) throw new Error(source.detail);
  return source;
}

const compiled = (source: string): DeviceTree => parsed(dtc(["-I", "dts", "-O", "dtb"], source));

const name = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9,._+-]{0,12}(@[0-9a-f]{1,8})?$/);
const propertyName = fc.stringMatching(/^[a-zA-Z0-9#][a-zA-Z0-9,._+?*#-]{0,12}$/);
const value: fc.Arbitrary<DtbValue> = fc.oneof(
  fc.constant(true as const),
  fc.array(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 6 }),
  fc.array(fc.string({ maxLength: 9, unit: "binary-ascii" }), { minLength: 1, maxLength: 3 }),
  fc.uint8Array({ maxLength: 9 }),
);
const REFERRING = ["shmem", "access-controllers", "clocks", "scmi-secondary-agents", "epam,secondary-agents"];
/** Small numbers, of which some are phandles of the tree. */
const references = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 7 });
const props = fc
  .tuple(
    fc.dictionary(fc.oneof(propertyName, fc.constantFrom("reg", "compatible", "x-names", "xen,reg")), value, {
      maxKeys: 4,
    }),
    fc.dictionary(fc.constantFrom(...REFERRING), references, { maxKeys: 2 }),
    fc.dictionary(
      fc.constantFrom("#access-controller-cells", "#clock-cells"),
      fc.constantFrom([0], [1], [2]),
      {
        maxKeys: 2,
      },
    ),
  )
  .map(([some, referring, counts]) => ({ ...some, ...referring, ...counts }));
const anyTree: fc.Arbitrary<DtbNode> = fc
  .letrec<{ node: DtbNode }>((tie) => ({
    node: fc.record({
      props,
      children: fc.dictionary(
        name,
        fc.oneof({ depthSize: "small", maxDepth: 4 }, fc.constant({}), tie("node")),
        { maxKeys: 4 },
      ),
    }),
  }))
  .node.map(withPhandles);

/** Gives every second node a phandle of its own, as dtc wants them. */
function withPhandles(root: DtbNode): DtbNode {
  let count = 0;
  const numbered = (node: DtbNode): DtbNode => {
    count += 1;
    const phandle = count / 2;
    const own = node.props as Record<string, DtbValue>;
    const children = Object.entries(node.children ?? {}).map(
      ([child, below]) => [child, numbered(below)] as const,
    );
    return { props: Number.isInteger(phandle) ? { ...own, phandle: [phandle] } : own, children };
  };
  return numbered(root);
}

const EXAMPLES = ["examples/two-guests/host.dtb", "examples/rcar-v4h/host.dtb"];

describe("a copy that is not changed", () => {
  test.each(EXAMPLES)("%s is flattened to the same tree", (file) => {
    const tree = parsed(readFileSync(file));
    expect(plain(parsed(toDtb(EditableTree.of(tree))).root)).toEqual(plain(tree.root));
  });

  test("any tree is flattened to the same tree", () => {
    fc.assert(
      fc.property(anyTree, (root) => {
        const tree = treeOf(root);
        expect(plain(parsed(toDtb(EditableTree.of(tree))).root)).toEqual(plain(tree.root));
      }),
    );
  });

  test.skipIf(!HAS_DTC)(`any tree compiles from its source to the same tree ${HAS_DTC ? "" : NO_DTC}`, () => {
    fc.assert(
      fc.property(anyTree, (root) => {
        const tree = treeOf(root);
        expect(plain(compiled(sourceOf(EditableTree.of(tree))).root)).toEqual(plain(tree.root));
      }),
      { numRuns: 60 },
    );
  });

  test.skipIf(!HAS_DTC).each(EXAMPLES)("%s compiles from its source to the same tree", (file) => {
    const tree = parsed(readFileSync(file));
    const source = sourceOf(EditableTree.of(tree));
    expect(plain(compiled(source).root)).toEqual(plain(tree.root));
    // References are labels wherever they are known.
    expect(source).toMatch(/shmem = <&\w+>;/);
    expect(source).toMatch(/access-controllers = <&scmi(_\d)? 0x\w+>;/);
    expect(source).toMatch(/<0x82000002 &sram_47ff0000(_2)?( 0x0)?>/);
  });

  test("memory reservations stay", () => {
    const tree = EditableTree.of(treeOf({}));
    tree.reservations.push({ address: 0x1_4000_0000n, size: 0x1000n }, { address: 0n, size: 4096n });
    expect(memoryReservations(toDtb(tree))).toEqual(tree.reservations);
    expect(sourceOf(tree)).toContain("/memreserve/ 0x140000000 0x1000;\n");
    if (HAS_DTC) {
      expect(memoryReservations(dtc(["-I", "dts", "-O", "dtb"], sourceOf(tree)))).toEqual(tree.reservations);
    }
  });
});

describe("a tree that is built", () => {
  function built(): EditableTree {
    const tree = new EditableTree();
    tree.root.set("#address-cells", [2]).set("#size-cells", [2]).set("model", ['a "model" \\ of µ']);
    const scmi = tree.root.add("scmi", { compatible: ["arm,scmi-smc"], "arm,smc-id": [0x82000002] });
    const page = tree.root.add("sram@47ff0000", { reg: [0, 0x47ff0000, 0, 0x1000] });
    page.comment = "a page /*of memory*/";
    scmi.set("shmem", [page], "found below").set("mixed", ["text", 1, page, "more"]);
    return tree;
  }

  test("gives nodes a phandle when somebody refers to them", () => {
    const tree = parsed(toDtb(built()));
    const shmem = tree.nodeByPath("/scmi")?.properties.get("shmem");
    expect(shmem).toEqual(cells(1));
    expect(tree.nodeByPhandle(1)?.path).toBe("/sram@47ff0000");
  });

  test("keeps clear of phandles that are there", () => {
    const tree = EditableTree.of(treeOf({ props: { phandle: [7] }, children: { a: {}, b: {} } }));
    const [a, b] = tree.root.children;
    if (a === undefined || b === undefined) throw new Error("no children");
    expect(tree.phandleOf(a)).toBe(8);
    tree.setReference(b, "shmem", b);
    expect(parsed(toDtb(tree)).nodeByPhandle(9)?.path).toBe("/b");
    expect(tree.nodeByPhandle(8)).toBe(a);
  });

  test.skipIf(!HAS_DTC)("reads in a source as it was built, and compiles to what is flattened", () => {
    const source = sourceOf(built(), { header: ["Two", "lines"] });
    expect(source).toContain("/*\n * Two\n * lines\n */");
    expect(source).toContain("/* a page /*of memory* / */\n\tsram_47ff0000: sram@47ff0000 {");
    expect(source).toContain("\t\t/* found below */\n\t\tshmem = <&sram_47ff0000>;");
    expect(source).toContain('mixed = "text", <0x1 &sram_47ff0000>, "more";');
    expect(plain(compiled(source).root)).toEqual(plain(parsed(toDtb(built())).root));
  });

  test("changes leave the original as it was", () => {
    const original = treeOf({ children: { a: { props: { x: [1] }, children: { b: {} } }, c: {} } });
    const before = plain(original.root);
    const tree = EditableTree.of(original, ({ name }) => name !== "c");
    const a = tree.nodeByPath("/A");
    a?.set("x", [2]).disable().child("b")?.remove();
    a?.delete("x");
    expect(plain(parsed(toDtb(tree)).root)).toEqual(
      plain(treeOf({ children: { a: { props: { status: "disabled" } } } }).root),
    );
    expect(plain(original.root)).toEqual(before);
    expect(original.nodeByPath("/a") && tree.copyOf(original.nodeByPath("/a") as DtNode)).toBe(a);
  });

  test("refuses to write as a source what no source can have", () => {
    const alike = EditableTree.of(
      treeOf({
        children: [
          ["a", {}],
          ["a", {}],
        ],
      }),
    );
    expect(toDts(alike)).toMatchObject({
      code: "device-tree-invalid",
      detail: expect.stringContaining("two nodes a"),
    });
    const odd = EditableTree.of(treeOf({ props: { "a{b": true } }));
    expect(toDts(odd)).toMatchObject({ detail: expect.stringContaining("a{b") });
    expect(plain(parsed(toDtb(alike)).root)).toEqual(
      plain(
        treeOf({
          children: [
            ["a", {}],
            ["a", {}],
          ],
        }).root,
      ),
    );
  });
});

test("a tree of 20,000 nodes that are all called and referred to alike is written in a moment", {
  timeout: 30_000,
}, () => {
  const tree = new EditableTree();
  for (let index = 0; index < 5000; index++) {
    const bus = tree.root.add(`bus@${index}`).add("a").add("b");
    const node = bus.add("device", { shmem: [bus], "access-controllers": [{ label: "mgmt" }, index] });
    bus.set("cpu", [node]);
  }
  const begin = cpuMs();
  const source = sourceOf(tree, { plugin: true });
  const bytes = toDtb(tree, { plugin: true });
  expect(cpuMs() - begin).toBeLessThan(10_000);
  expect(source).toContain("device_5000: device {");
  expect(parsed(bytes).nodes).toHaveLength(1 + 4 * 5000 + 1 + 1 + 4 * 5000);
});

describe("a plugin", () => {
  function plugin(): EditableTree {
    const tree = new EditableTree();
    const first = tree.root.add("fragment@0", { "target-path": ["/"] }).add("__overlay__");
    const page = first.add("sram@47ff0000", { reg: [0, 0x47ff0000, 0, 0x1000] });
    const second = tree.root.add("fragment@1", { target: [{ label: "i2c" }] }).add("__overlay__");
    second.set("shmem", [page]).set("access-controllers", [{ label: "mgmt" }, 1, { label: "i2c" }]);
    return tree;
  }

  test.skipIf(!HAS_DTC)("is flattened as dtc does it from its source", () => {
    const source = sourceOf(plugin(), { plugin: true });
    expect(source).toContain("/dts-v1/;\n/plugin/;\n");
    expect(source).toContain("target = <&i2c>;");
    const own = parsed(toDtb(plugin(), { plugin: true }));
    expect(plain(own.root)).toEqual(plain(compiled(source).root));
  });

  test("does not take a label of the other tree for a node of its own", () => {
    const tree = plugin();
    tree.root.child("fragment@0")?.child("__overlay__")?.add("mgmt").set("shmem", [tree.root]);
    const mgmt = tree.nodeByPath("/fragment@0/__overlay__/mgmt");
    tree.root.set("cpu", mgmt === undefined ? [] : [mgmt]);
    expect(sourceOf(tree, { plugin: true })).toContain("cpu = <&mgmt_2>;");
  });
});
