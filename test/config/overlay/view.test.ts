import { describe, expect, test } from "vitest";
import { readU32, wholeCells } from "#config/device-tree/property.ts";
import { isOverlay, overlayFixups, overlayFragments, symbols } from "#config/overlay/fragments.ts";
import { missingForOverlay } from "#config/overlay/missing.ts";
import { viewOverlays } from "#config/overlay/view.ts";
import { nodeAt, treeOf } from "../../support/device-tree.ts";
import type { DtbNode } from "../../support/fdt-builder.ts";

/** An overlay as dtc makes it: `content` goes to the node of `label`, or to the node at a path. */
const overlay = (
  target: string,
  content: DtbNode,
  more: Readonly<Record<string, DtbNode>> = {},
): DtbNode => ({
  children: {
    "fragment@0": {
      props: target.startsWith("/") ? { "target-path": target } : { target: [0xffffffff] },
      children: { __overlay__: content },
    },
    ...(target.startsWith("/") ? {} : { __fixups__: { props: { [target]: "/fragment@0:target:0" } } }),
    ...more,
  },
});
const view = (...roots: readonly DtbNode[]) => viewOverlays(roots.map(treeOf));
const paths = (tree: { nodes: readonly { path: string }[] }) => tree.nodes.map(({ path }) => path);

describe("what dtc makes of an overlay", () => {
  test("is known by its fragments", () => {
    expect(isOverlay(treeOf(overlay("/soc", {})))).toBe(true);
    expect(isOverlay(treeOf({ children: { soc: {} } }))).toBe(false);
    expect(overlayFragments(treeOf(overlay("/chosen/domD/", {}))).map(({ target }) => target)).toEqual([
      { kind: "path", path: "/chosen/domD" },
    ]);
    expect(overlayFragments(treeOf(overlay("i2c", {}))).map(({ target }) => target)).toEqual([
      { kind: "label", label: "i2c" },
    ]);
    const nowhere = { children: { "fragment@0": { children: { __overlay__: {} } } } };
    expect(overlayFragments(treeOf(nowhere)).map(({ target }) => target)).toEqual([{ kind: "none" }]);
  });

  test("tells where it refers to labels", () => {
    const tree = treeOf({
      children: {
        __fixups__: { props: { a: ["/f/__overlay__:x:4", "/f:y:0"], b: "nonsense", c: "/d:e" } },
        __symbols__: { props: { l: "/f/__overlay__/n", m: [] } },
      },
    });
    expect(overlayFixups(tree)).toEqual([
      { label: "a", path: "/f/__overlay__", property: "x", offset: 4 },
      { label: "a", path: "/f", property: "y", offset: 0 },
    ]);
    expect([...symbols(tree)]).toEqual([["l", "/f/__overlay__/n"]]);
  });
});

describe("overlays without their base", () => {
  test("are seen at their place, and what they only name is not known", () => {
    const { tree, unknown } = view(
      overlay("/soc", {
        props: { ranges: true },
        children: { "i2c@1": { props: { reg: [1] }, children: { part: {} } } },
      }),
    );
    expect(paths(tree)).toEqual(["/", "/soc", "/soc/i2c@1", "/soc/i2c@1/part"]);
    expect([...unknown].map(({ path }) => path)).toEqual(["/", "/soc", "/soc/i2c@1/part"]);
    expect(nodeAt(tree, "/soc").properties.has("ranges")).toBe(true);
  });

  test("lead to a node that nobody knows, where they name a label of the base", () => {
    const { tree, unknown } = view(
      overlay(
        "i2c",
        { props: { clocks: [1, 0xffffffff, 7] } },
        {
          __fixups__: { props: { i2c: "/fragment@0:target:0", clk: "/fragment@0/__overlay__:clocks:4" } },
        },
      ),
    );
    const clocks = wholeCells(nodeAt(tree, "/&i2c").properties.get("clocks") ?? new Uint8Array());
    const clock = tree.nodeByPhandle(clocks[1] ?? 0);
    expect(clock?.path).toBe("/&clk");
    expect(clock !== undefined && unknown.has(clock)).toBe(true);
    expect([clocks[0], clocks[2]]).toEqual([1, 7]);
  });

  test("are merged in order: properties, labels and phandles of one do for the next", () => {
    const first = overlay(
      "/chosen",
      { children: { box: { props: { compatible: "xen,sci", value: [1], phandle: [1] } } } },
      { __symbols__: { props: { box: "/fragment@0/__overlay__/box" } } },
    );
    const second = overlay(
      "box",
      { props: { value: [2], own: [1] }, children: { below: { props: { reg: [0], phandle: [1] } } } },
      {
        __local_fixups__: {
          children: { "fragment@0": { children: { __overlay__: { props: { own: [0] } } } } },
        },
      },
    );
    const { tree, pathOf } = view(first, second);
    const box = nodeAt(tree, "/chosen/box");
    expect(readU32(box, "value")).toBe(2);
    expect(tree.nodeByPhandle(readU32(box, "own") ?? 0)?.path).toBe("/chosen/box/below");
    expect(tree.nodeByPhandle(1)?.path).toBe("/chosen/box");
    expect(pathOf[1]?.("/fragment@0/__overlay__/below")).toBe("/chosen/box/below");
    expect(pathOf[1]?.("/__fixups__")).toBeNull();
  });
});

describe("what a base lacks for an overlay", () => {
  const labelled = treeOf({ children: { i2c: {}, __symbols__: { props: { i2c: "/i2c" } } } });
  test.each([
    ["nothing", overlay("i2c", {}), labelled, null],
    ["a label", overlay("spi", {}), labelled, /no label spi/],
    ["every label", overlay("i2c", {}), treeOf({ children: { i2c: {} } }), /no symbols .* dtc -@/],
    ["a node", overlay("/soc", {}), labelled, /no node \/soc/],
  ])("%s", (_what, root, base, why) => {
    const missing = missingForOverlay(base, treeOf(root));
    if (why === null) expect(missing).toBeNull();
    else expect(missing).toMatch(why);
  });
});
