import { describe, expect, test } from "vitest";
import { dom0AgentId } from "#config/binding/dom0-agent.ts";
import { dom0lessDomains } from "#config/binding/dom0less.ts";
import { hasSciAncestor, sciContainers } from "#config/binding/xen-sci.ts";
import { nodeAt, treeOf } from "../support/device-tree.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";

const paths = (nodes: readonly { path: string }[]) => nodes.map((node) => node.path);

describe("containers", () => {
  const tree = treeOf({
    children: {
      soc: {
        children: { box: { props: { compatible: "XEN,sci", status: "disabled" }, children: { scmi: {} } } },
      },
      chosen: {
        children: { sci: { props: { compatible: "xen,sci" }, children: { a: { children: { scmi: {} } } } } },
      },
      firmware: { children: { scmi: {} } },
    },
  });

  test("are found by compatible wherever they are, in tree order, whatever their status", () => {
    expect(paths(sciContainers(tree))).toEqual(["/soc/box", "/chosen/sci"]);
  });

  test("hold what is below them at any depth, but not themselves", () => {
    expect(hasSciAncestor(nodeAt(tree, "/soc/box/scmi"))).toBe(true);
    expect(hasSciAncestor(nodeAt(tree, "/chosen/sci/a/scmi"))).toBe(true);
    expect(hasSciAncestor(nodeAt(tree, "/chosen/sci"))).toBe(false);
    expect(hasSciAncestor(nodeAt(tree, "/firmware/scmi"))).toBe(false);
    expect(hasSciAncestor(tree.root)).toBe(false);
  });
});

describe("dom0's agent", () => {
  const agentOf = (...containers: readonly Record<string, DtbValue>[]) =>
    dom0AgentId(
      treeOf({
        children: containers.map((props, at): [string, DtbNode] => [
          `sci@${at}`,
          { props: { compatible: "xen,sci", ...props } },
        ]),
      }),
    );

  test("is the first container's", () => {
    expect(agentOf({ "xen,dom0-sci-agent-id": [0] })).toBe(0);
    expect(agentOf({ "xen,dom0-sci-agent-id": [254] }, { "xen,dom0-sci-agent-id": [1] })).toBe(254);
    expect(agentOf({}, { "xen,dom0-sci-agent-id": [1] })).toBeNull();
  });

  test("is none where it is absent or unreadable, and too large from 255", () => {
    expect(agentOf()).toBeNull();
    expect(agentOf({})).toBeNull();
    expect(agentOf({ "xen,dom0-sci-agent-id": true })).toBeNull();
    expect(agentOf({ "xen,dom0-sci-agent-id": Uint8Array.of(0, 1) })).toBeNull();
    expect(agentOf({ "xen,dom0-sci-agent-id": [255] })).toBe("too-large");
    expect(agentOf({ "xen,dom0-sci-agent-id": [0xffffffff] })).toBe("too-large");
  });
});

test("dom0less domains are the xen,domain nodes directly below /chosen, in tree order", () => {
  const domain: DtbNode = { props: { compatible: "xen,domain" } };
  const tree = treeOf({
    children: {
      before: domain,
      chosen: { children: { guest2: domain, modules: { children: { deep: domain } }, guest1: domain } },
    },
  });
  expect(paths(dom0lessDomains(tree))).toEqual(["/chosen/guest2", "/chosen/guest1"]);
  expect(dom0lessDomains(treeOf({}))).toEqual([]);
});
