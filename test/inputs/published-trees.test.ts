import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import { dom0AgentId } from "#config/binding/dom0-agent.ts";
import { dom0lessDomains } from "#config/binding/dom0less.ts";
import { hasSciAncestor, sciContainers } from "#config/binding/xen-sci.ts";
import { accessControllers } from "#config/device-tree/access-controllers.ts";
import { readRegion } from "#config/device-tree/address.ts";
import type { DeviceTree, DtNode } from "#config/device-tree/fdt.ts";
import { isCompatible, readCells, readStrings, readU32 } from "#config/device-tree/property.ts";
import { dom0ClaimedNodes } from "#config/dom0-tree/rule.ts";
import { loadDeviceTree } from "#inputs/load-device-tree.ts";
import { nodeAt, parsed } from "../support/device-tree.ts";
import { dtc, HAS_DTC, NO_DTC } from "../support/dtc.ts";
import { buildDtb, type DtbNode } from "../support/fdt-builder.ts";

async function published(name: string): Promise<DeviceTree> {
  const bytes = await loadDeviceTree(new URL(`trees/${name}.dts`, import.meta.url).pathname);
  if (isProblem(bytes)) throw new Error(bytes.detail);
  return parsed(bytes);
}

/** The page that the phandle in this cell of a property names, as an address. */
function page(tree: DeviceTree, node: DtNode, property: string, cell: number): number | null {
  const target = tree.nodeByPhandle(readCells(node, property)?.[cell] ?? 0);
  const region = target === undefined ? null : readRegion(target, 0);
  if (region !== null) expect(region.size).toBe(0x1000);
  return region?.address ?? null;
}

const paths = (nodes: readonly DtNode[]) => nodes.map((node) => node.path);

describe("the published example", () => {
  test("of the three-cell binding gives its channels, its device and its agent of dom0", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const tree = await published("three-cells");
    const box = nodeAt(tree, "/chosen/xen/xen_scmi_config");
    const mgmt = nodeAt(tree, "/chosen/xen/xen_scmi_config/scmi");
    const list = "scmi-secondary-agents";
    expect(sciContainers(tree)).toEqual([box]);
    expect(readU32(box, "#scmi-secondary-agents-cells")).toBe(3);
    expect(readCells(box, list)).toHaveLength(6);
    expect([0, 2, 3, 5].map((cell) => readCells(box, list)?.[cell])).toEqual([0x82000002, 0, 0x82000004, 2]);
    expect([1, 4].map((cell) => page(tree, box, list, cell))).toEqual([0x47ff0000, 0x47ff2000]);

    expect(isCompatible(mgmt, "arm,scmi-smc")).toBe(true);
    expect(hasSciAncestor(mgmt)).toBe(true);
    expect(readU32(mgmt, "arm,smc-id")).toBe(0x82000003);
    expect(page(tree, mgmt, "shmem", 0)).toBe(0x47ff1000);

    const host = nodeAt(tree, "/firmware/scmi");
    expect(hasSciAncestor(host)).toBe(false);
    expect(page(tree, host, "shmem", 0)).toBe(0x47ff0000);

    const i2c = nodeAt(tree, "/soc/i2c@e6508000");
    expect(accessControllers(tree, i2c)).toEqual({
      entries: [{ index: 0, provider: mgmt, args: [1] }],
      endedEarly: false,
    });
    expect(readRegion(i2c, 0)).toEqual({ address: 0xe6508000, size: 0x1000 });
    expect(dom0AgentId(tree)).toBe(0);
    expect(paths(dom0ClaimedNodes(tree, { hasAgent: true, mediatorRegistered: true }))).toEqual([
      "/",
      "/chosen",
      "/chosen/xen",
      "/sram@47ff0000",
      "/firmware",
      "/firmware/scmi",
      "/soc",
      "/soc/i2c@e6508000",
    ]);
  });

  test("of the two-cell binding gives its channels and its dom0less guest", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const tree = await published("two-cells-dom0less");
    const box = nodeAt(tree, "/chosen/sci-box");
    expect(sciContainers(tree)).toEqual([box]);
    expect(readU32(box, "#scmi-secondary-agents-cells")).toBe(2);
    expect([1, 3].map((cell) => page(tree, box, "scmi-secondary-agents", cell))).toEqual([
      0x50002000, 0x50003000,
    ]);
    expect(page(tree, nodeAt(tree, "/chosen/sci-box/scmi"), "shmem", 0)).toBe(0x50001000);
    expect(dom0AgentId(tree)).toBeNull();

    const guest = nodeAt(tree, "/chosen/guest1");
    expect(dom0lessDomains(tree)).toEqual([guest]);
    expect(readStrings(guest, "xen,sci_type")).toEqual(["scmi_smc_multiagent"]);
    expect(readU32(guest, "xen,sci-agent-id")).toBe(2);
  });

  test("of the v5 and v6 binding has pages, and no container of today's", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const tree = await published("v5-container");
    expect(sciContainers(tree)).toEqual([]);
    expect(page(tree, nodeAt(tree, "/chosen/xen,config"), "scmi-secondary-agents", 1)).toBe(0x47ff2000);
  });

  test("of the RFCs has rows that start with the agent", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const tree = await published("rfc-rows");
    const list = "xen,scmi-secondary-agents";
    expect(readCells(nodeAt(tree, "/chosen"), list)?.slice(0, 2)).toEqual([1, 0x82000003]);
    expect([2, 5].map((cell) => page(tree, nodeAt(tree, "/chosen"), list, cell))).toEqual([
      0x47ff1000, 0x47ff2000,
    ]);
  });

  test("of the shipping product translates its pages, and its device names the host's SCMI node", async ({
    skip,
  }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const tree = await published("bsp");
    const scmi = nodeAt(tree, "/firmware/scmi");
    const list = "epam,secondary-agents";
    expect([2, 5].map((cell) => page(tree, scmi, list, cell))).toEqual([0x3ff01000, 0x3ff02000]);
    const { entries } = accessControllers(tree, nodeAt(tree, "/pcie"));
    expect(entries).toEqual([{ index: 0, provider: scmi, args: [1] }]);
  });

  test("of a guest's partial tree has its page at the guest's address", async ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    const tree = await published("guest-partial");
    expect(page(tree, nodeAt(tree, "/passthrough/firmware/scmi"), "shmem", 0)).toBe(0x22001000);
    const protocol = nodeAt(tree, "/passthrough/firmware/scmi/protocol@16");
    expect(readCells(protocol, "reg")).toEqual([0x16]);
    expect(readRegion(protocol, 0)).toBeNull();
  });
});

describe("the device-tree compiler and this reader agree", () => {
  /** All that a tree says, in order. */
  const contents = (tree: DeviceTree) =>
    tree.nodes.map((node) => [
      node.path,
      [...node.properties].map(([name, value]) => `${name}=${toHex(value)}`),
    ]);

  const names = fc.stringMatching(/^[a-z][a-z0-9,._+-]{0,20}$/);
  const value = fc.oneof(
    fc.constant(true as const),
    fc.array(fc.nat(0xffffffff), { minLength: 1, maxLength: 4 }),
    fc.uint8Array({ minLength: 1, maxLength: 9 }),
    names,
  );
  const distinct = { selector: ([name]: [string, unknown]) => name, maxLength: 4 };
  const { node: trees } = fc.letrec<{ node: DtbNode }>((tie) => ({
    node: fc.record({
      props: fc.uniqueArray(
        fc.tuple(
          names.map((name) => `p${name}`),
          value,
        ),
        distinct,
      ),
      children: fc.uniqueArray(
        fc.tuple(names, fc.oneof({ depthSize: "small" }, fc.constant({}), tie("node"))),
        distinct,
      ),
    }),
  }));

  test("on what trees say, whether of version 16 or 17", ({ skip }) => {
    if (!HAS_DTC) skip(NO_DTC);
    fc.assert(
      fc.property(trees, fc.constantFrom(16, 17), (root, version) => {
        const ours = contents(parsed(buildDtb(root, 17)));
        const args = ["-f", "-I", "dtb", "-O", "dtb", "-V", String(version)];
        expect(contents(parsed(dtc(args, buildDtb(root, version))))).toEqual(ours);
      }),
      { numRuns: 40 },
    );
  });
});
