import { describe, expect, test } from "vitest";
import { dom0AgentId } from "#config/binding/dom0-agent.ts";
import { dom0lessDomains } from "#config/binding/dom0less.ts";
import { hasSciAncestor, sciContainers } from "#config/binding/xen-sci.ts";
import type { DeviceTree } from "#config/fdt.ts";
import { type Dom0TreeOptions, dom0ClaimedNodes } from "#config/sci-binding.ts";
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

describe("what dom0 claims", () => {
  const shmem: DtbNode = { props: { compatible: "arm,scmi-shmem" }, children: { part: {} } };
  const scmi: DtbNode = { props: { compatible: "arm,scmi-smc" }, children: { "protocol@14": {} } };
  const tree: DeviceTree = treeOf({
    children: {
      chosen: {
        children: {
          sci: { props: { compatible: "xen,sci" }, children: { "sram@0": shmem, scmi } },
          guest: { props: { compatible: "xen,domain" }, children: { module: {} } },
        },
      },
      "sram@1": shmem,
      Firmware: { children: { scmi, optee: {} } },
      other: { children: { scmi } },
      soc: {
        children: {
          "gpu@1": { props: { "xen,passthrough": true }, children: { ports: {} } },
          "i2c@2": { props: { status: "disabled" } },
        },
      },
    },
  });
  const always = ["/", "/chosen"];
  const scmiNodes = ["/sram@1", "/sram@1/part", "/Firmware", "/Firmware/scmi", "/Firmware/scmi/protocol@14"];
  const rest = [
    "/Firmware/optee",
    "/other",
    "/other/scmi",
    "/other/scmi/protocol@14",
    "/soc",
    "/soc/gpu@1/ports",
    "/soc/i2c@2",
  ];

  test.each<[string, Dom0TreeOptions, string[]]>([
    ["with an agent", { hasAgent: true, mediatorRegistered: true }, [...always, ...scmiNodes, ...rest]],
    ["without an agent", { hasAgent: false, mediatorRegistered: true }, [...always, "/Firmware", ...rest]],
    [
      "without a mediator",
      { hasAgent: false, mediatorRegistered: false },
      [...always, ...scmiNodes, ...rest],
    ],
    [
      "with an agent but no mediator",
      { hasAgent: true, mediatorRegistered: false },
      [...always, ...scmiNodes, ...rest],
    ],
  ])("%s", (_, options, claimed) => {
    expect(paths(dom0ClaimedNodes(tree, options))).toEqual(claimed);
  });
});
