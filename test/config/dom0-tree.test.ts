import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { readRegion } from "#config/device-tree/address.ts";
import type { DeviceTree } from "#config/device-tree/fdt.ts";
import { readCells, readStrings, readU32 } from "#config/device-tree/property.ts";
import { type Dom0Outcome, dom0Tree } from "#config/dom0-tree/build.ts";
import { type Dom0TreeOptions, dom0ClaimedNodes } from "#config/dom0-tree/rule.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { nodeAt, parsed, treeOf } from "../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../support/dtc.ts";
import type { DtbNode, DtbValue } from "../support/fdt-builder.ts";

const paths = (nodes: readonly { path: string }[]) => nodes.map((node) => node.path);
const shmem: DtbNode = { props: { compatible: "arm,scmi-shmem" }, children: { part: {} } };
const scmi: DtbNode = { props: { compatible: "arm,scmi-smc" }, children: { "protocol@14": {} } };

const REGISTERED = { mediatorRegistered: true, rewritten: null };
const WITH_AGENT: Dom0Outcome = { ...REGISTERED, hasAgent: true };
const WITHOUT_AGENT: Dom0Outcome = { ...REGISTERED, hasAgent: false };
const NO_MEDIATOR: Dom0Outcome = { mediatorRegistered: false, hasAgent: false, rewritten: null };

const HOST: DeviceTree = treeOf({
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
        "gpu@1": {
          props: { status: "okay", "xen,passthrough": true, "access-controllers": [9, 1] },
          children: { ports: {} },
        },
        "i2c@2": { props: { status: "disabled" } },
      },
    },
  },
});

describe("dom0's tree and what it claims of it", () => {
  const scmiNodes = ["/sram@1", "/sram@1/part", "/Firmware", "/Firmware/scmi", "/Firmware/scmi/protocol@14"];
  const rest = [
    "/Firmware/optee",
    "/other",
    "/other/scmi",
    "/other/scmi/protocol@14",
    "/soc",
    "/soc/gpu@1",
    "/soc/gpu@1/ports",
    "/soc/i2c@2",
  ];
  const all = ["/", "/chosen", ...scmiNodes, ...rest];
  const withoutScmi = ["/", "/chosen", "/Firmware", ...rest];

  test.each<[string, Dom0TreeOptions, string[]]>([
    ["with an agent, or as owner of the single-agent mediator", WITH_AGENT, all],
    ["without one, or with scmi-smc-passthrough", WITHOUT_AGENT, withoutScmi],
    ["without a mediator", NO_MEDIATOR, all],
    ["with an agent but no mediator", { ...NO_MEDIATOR, hasAgent: true }, all],
  ])("%s", (_, options, kept) => {
    const dom0 = dom0Tree(HOST, { ...options, rewritten: null });
    expect(paths(parsed(toDtb(dom0)).nodes)).toEqual(kept);
    // A device that is for a guest is in the tree, and not claimed.
    expect(paths(dom0ClaimedNodes(HOST, options))).toEqual(kept.filter((path) => path !== "/soc/gpu@1"));
  });

  test("a device for a guest is disabled and has lost its mark; all else of it is as it was", () => {
    const gpu = nodeAt(parsed(toDtb(dom0Tree(HOST, WITH_AGENT))), "/soc/gpu@1");
    expect(readStrings(gpu, "status")).toEqual(["disabled"]);
    expect([...gpu.properties.keys()]).toEqual(["status", "access-controllers"]);
    expect(readCells(gpu, "access-controllers")).toEqual([9, 1]);
  });

  test("the host's tree is not touched", () => {
    dom0Tree(HOST, WITH_AGENT);
    expect(readStrings(nodeAt(HOST, "/soc/gpu@1"), "status")).toEqual(["okay"]);
  });

  test("old versions write dom0's channel into the host's SCMI node, and its page where that is on its bus", () => {
    const cells = { "#address-cells": [1], "#size-cells": [1] };
    const host = treeOf({
      props: { "#address-cells": [2], "#size-cells": [1] },
      children: {
        "sram@3ff00000": {
          props: { ...cells, ranges: [0, 0, 0x3ff0_0000, 0x1_0000] },
          children: {
            "shm@0": { props: { compatible: "arm,scmi-shmem", reg: [0, 0x1000], phandle: [7] } },
          },
        },
        firmware: { children: { scmi: { props: { "arm,smc-id": [0x8200_0002], shmem: [7] } } } },
      },
    });
    const rewritten = { funcId: 0x8200_0003, shmem: 0x3ff0_1000 };
    const dom0 = parsed(toDtb(dom0Tree(host, { ...WITH_AGENT, rewritten })));
    expect(readU32(nodeAt(dom0, "/firmware/scmi"), "arm,smc-id")).toBe(0x8200_0003);
    const page = nodeAt(dom0, "/sram@3ff00000/shm@0");
    expect(readCells(page, "reg")).toEqual([0x1000, 0x1000]);
    expect(readRegion(page, 0)).toEqual({ address: 0x3ff0_1000, size: 0x1000 });
    // Without an SCMI node, or with a page that is nowhere, there is nothing to write.
    expect(paths(parsed(toDtb(dom0Tree(HOST, { ...WITH_AGENT, rewritten }))).nodes)).toHaveLength(15);
  });
});

/** What a node can be, for the rule: by its compatible, by its mark, or by where it is. */
const NAMES = ["scmi", "firmware", "chosen", "soc", "a@1", "b@2"];
const COMPATIBLES = ["xen,sci", "XEN,domain", "arm,scmi-shmem", "arm,scmi-smc", "simple-bus"];
const anyNode = fc.letrec<{ node: DtbNode }>((tie) => ({
  node: fc.record({
    props: fc
      .record(
        {
          compatible: fc.subarray(COMPATIBLES, { minLength: 1, maxLength: 2 }),
          status: fc.constantFrom("okay", "disabled"),
          "xen,passthrough": fc.constant(true as const),
          reg: fc.array(fc.nat({ max: 0xffff_ffff }), { minLength: 1, maxLength: 4 }),
          shmem: fc.constant([3]),
        },
        { requiredKeys: [] },
      )
      .map((made): Record<string, DtbValue> => ({ ...made })),
    children: fc.oneof(
      { depthSize: "small", maxDepth: 4 },
      fc.constant([]),
      fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), tie("node")), {
        selector: ([name]) => name,
        minLength: 1,
        maxLength: 4,
      }),
    ),
  }),
})).node;

/** The tables of the reference said once more, over what the tree is built of: path and properties of what dom0 gets. */
function expected(root: DtbNode, dropsScmi: boolean): [string, Record<string, DtbValue>][] {
  const result: [string, Record<string, DtbValue>][] = [];
  const visit = (path: string, node: DtbNode): void => {
    const { "xen,passthrough": forGuest, ...props } = node.props as Record<string, DtbValue>;
    const is = (wanted: string) =>
      ((props["compatible"] ?? []) as string[]).some((c) => c.toLowerCase() === wanted);
    if (is("xen,sci") || is("xen,domain")) return;
    if (dropsScmi && (path === "/firmware/scmi" || is("arm,scmi-shmem"))) return;
    result.push([path, forGuest === undefined ? props : { ...props, status: "disabled" }]);
    for (const [name, child] of node.children as [string, DtbNode][]) {
      visit(path === "/" ? `/${name}` : `${path}/${name}`, child);
    }
  };
  visit("/", root);
  return result;
}

function shown(tree: DeviceTree): [string, string[]][] {
  return tree.nodes.map((node) => [
    node.path,
    [...node.properties].map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`).sort(),
  ]);
}

/** A root that the rule keeps, as it does every real one, and mostly an SCMI node where Xen looks for it. */
const anyHost = fc.tuple(anyNode, anyNode, fc.boolean()).map(([root, scmi, hasScmi]): DtbNode => {
  const children = (root.children as [string, DtbNode][]).filter(([name]) => name !== "firmware" || !hasScmi);
  const firmware: DtbNode = { props: {}, children: [["scmi", scmi]] };
  return { props: {}, children: hasScmi ? [...children, ["firmware", firmware]] : children };
});

test("dom0's tree has exactly what the rule says, whatever the host's", () => {
  fc.assert(
    fc.property(anyHost, fc.boolean(), fc.boolean(), (root, hasAgent, mediatorRegistered) => {
      const host = treeOf(root);
      const dom0 = parsed(toDtb(dom0Tree(host, { hasAgent, mediatorRegistered, rewritten: null })));
      const wanted = expected(root, mediatorRegistered && !hasAgent).map(
        ([path, props]): [string, string[]] => [
          path,
          [...(treeOf({ props }).root.properties as ReadonlyMap<string, Uint8Array>)]
            .map(([name, value]) => `${name}=${Buffer.from(value).toString("hex")}`)
            .sort(),
        ],
      );
      expect(shown(dom0)).toEqual(wanted);
      const claimed = dom0ClaimedNodes(host, { hasAgent, mediatorRegistered });
      const disabled = host.nodes.filter(({ properties }) => properties.has("xen,passthrough"));
      const kept = wanted.map(([path]) => path).filter((path) => !paths(disabled).includes(path));
      expect(paths(claimed)).toEqual(kept);
    }),
    { numRuns: 300 },
  );
});

test("and dtc makes the same tree of its source", ({ skip }) => {
  if (!HAS_DTC) skip(NO_DTC);
  fc.assert(
    fc.property(anyHost, fc.boolean(), (root, hasAgent) => {
      const dom0 = dom0Tree(treeOf(root), { ...REGISTERED, hasAgent });
      const source = toDts(dom0);
      if (isProblem(source)) throw new Error(source.detail);
      expect(shown(parsed(dtc(["-I", "dts", "-O", "dtb"], source)))).toEqual(shown(parsed(toDtb(dom0))));
    }),
    { numRuns: 20 },
  );
});
