import { expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { dom0lessGuestTree } from "#config/dom0less/guest-tree.ts";
import { toDtb } from "#config/tree-writer/to-dtb.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { parsed, treeOf } from "../support/device-tree.ts";

const asked = {
  "xen,reg": [0, 0x47ff_2000, 0, 0x1000, 0, 0x2200_1000],
  "xen,force-assign-without-iommu": true,
} as const;
const PARTIAL = treeOf({
  props: { model: "not the guest's" },
  children: {
    aliases: { props: { serial0: "/passthrough/uart", "xen,path": "stays: it is no pass-through node" } },
    passthrough: {
      props: { compatible: "simple-bus", ranges: true },
      children: {
        "sram@22001000": {
          props: { compatible: "arm,scmi-shmem", reg: [0, 0x2200_1000, 0, 0x1000], phandle: [2], ...asked },
        },
        firmware: { children: { scmi: { props: { shmem: [2], "xen,path": "/soc/x", interrupts: [1] } } } },
      },
    },
    gic: { props: { phandle: [65000] } },
    other: {},
  },
});

test("a dom0less domain gets /passthrough and /aliases of its partial tree, without what is for Xen", () => {
  const guest = dom0lessGuestTree(PARTIAL);
  const source = toDts(guest);
  if (isProblem(source)) throw new Error(source.detail);
  expect(source).not.toContain("xen,reg");
  const tree = parsed(toDtb(guest));
  expect(tree.nodes.map(({ path, properties }) => [path, ...properties.keys()])).toEqual([
    ["/", "#address-cells", "#size-cells"],
    ["/aliases", "serial0", "xen,path"],
    ["/passthrough", "compatible", "ranges"],
    ["/passthrough/sram@22001000", "compatible", "reg", "phandle"],
    ["/passthrough/firmware"],
    ["/passthrough/firmware/scmi", "shmem", "interrupts"],
  ]);
});

test("names are taken in any case, as Xen compares them", () => {
  const guest = dom0lessGuestTree(
    treeOf({ children: { Passthrough: { props: { "xen,path": "/" } }, ALIASES: {} } }),
  );
  expect(parsed(toDtb(guest)).nodes.map(({ path, properties }) => [path, properties.size])).toEqual([
    ["/", 2],
    ["/Passthrough", 0],
    ["/ALIASES", 0],
  ]);
});
