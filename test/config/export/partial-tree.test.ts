import { describe, expect, test } from "vitest";
import { exportPartialTree, type PartialTreeReader } from "#config/export/partial-tree.ts";
import type { ExportView } from "#config/export/view.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { boardOf, boardWith } from "../../support/boards.ts";
import { treeOf } from "../../support/device-tree.ts";
import type { DtbNode } from "../../support/fdt-builder.ts";
import { channel, GUEST, guest, hostTree, ok, PHANDLE, viewOf } from "./views.ts";

const I2C = "/soc/i2c@1000";

function sourceOf(
  view: ExportView,
  changes: Parameters<typeof guest>[0],
  reader: PartialTreeReader = "xl",
): string {
  return ok(toDts(ok(exportPartialTree(view, guest(changes), reader))));
}

/** The device's node in the partial tree of a guest, as source, without its indentation. */
function deviceIn(
  props: object,
  reader: PartialTreeReader = "xl",
  changes: Parameters<typeof guest>[0] = {},
): string[] {
  const view = viewOf(hostTree({ "i2c@1000": { props: { reg: [0, 0x1000, 0, 0x40], ...props } } }));
  const source = sourceOf(view, { devices: [I2C], ...changes }, reader);
  const lines = source.split("\n").map((line) => line.trim());
  const from = lines.findIndex((line) => line.startsWith("i2c@"));
  return lines.slice(from, lines.indexOf("};", from));
}

test("the SCMI node rings the guest's agent, and has the protocols that the firmware offers it", () => {
  const source = sourceOf(viewOf(hostTree()), {});
  expect(source).toContain("arm,smc-id = <0x82000004>;");
  expect(source).toContain("sram_22001000: sram@22001000 {");
  expect(source).toContain("shmem = <&sram_22001000>;");
  expect([...source.matchAll(/(\w+): protocol@(..)/g)].map(([, label, id]) => [label, id])).toEqual([
    ["scmi_clk", "14"],
    ["scmi_reset", "16"],
  ]);
});

test("protocols that the agent may not use are left out; voltage domains are regulators", () => {
  const board = boardOf(
    boardWith(
      "protocols: [clock, voltage, 0x84]",
      "voltageDomains: [ { id: 3, name: vdd, range: { min: 0, max: 10, step: 1 } } ]",
    ).replace("name: a,", "name: a, deniedProtocols: [clock],"),
  );
  const source = sourceOf(viewOf(hostTree(), [GUEST], { board }), {
    channel: channel(0, 1),
  });
  expect([...source.matchAll(/protocol@(..)/g)].map(([, id]) => id)).toEqual(["17", "84"]);
  expect(source).toMatch(/regulator@3 \{\s+reg = <0x3>;\s+regulator-name = "vdd";/);
});

describe("a device", () => {
  test("has its registers where its iomem puts them", () => {
    const xlcfg = `name = "red"\ndtdev = [ "${I2C}" ]\niomem = [ "1,1@40" ]\n`;
    expect(deviceIn({}, "xl", { xlcfg })).toEqual(["i2c@40000 {", "reg = <0x0 0x40000 0x0 0x40>;"]);
  });

  test("refers to the guest's own protocols, and to plain clocks that come along", () => {
    const lines = deviceIn({
      clocks: [PHANDLE.clocks, 7, PHANDLE.oscillator],
      "clock-names": ["a", "b"],
      interrupts: [0, 10, 4],
    });
    expect(lines).toContain("clocks = <&scmi_clk 0x7>, <&oscillator>;");
    expect(lines).toContain("interrupts = <0x0 0xa 0x4>;");
    expect(lines).toContain('clock-names = "a", "b";');
  });

  test("brings along what it uses below the host's protocols: regulators, groups of pins", () => {
    const tree = hostTree({
      "mmc@1000": { props: { reg: [0, 0x1000, 0, 0x40], "vmmc-supply": [50], "pinctrl-0": [51] } },
    });
    const firmware = (tree.children as Record<string, DtbNode>)["firmware"] as DtbNode;
    const scmi = (firmware.children as Record<string, DtbNode>)["scmi"] as DtbNode;
    const regulator = { props: { reg: [0], "regulator-always-on": true as const, phandle: [50] } };
    const pins = { props: { phandle: [51] }, children: { pins1: { props: { groups: "sd1" } } } };
    const protocols = {
      "protocol@17": {
        props: { reg: [0x17] },
        children: { regulators: { children: { "regulator@0": regulator } } },
      },
      "protocol@19": { props: { reg: [0x19] }, children: { "sd1-pins": pins, "sd2-pins": {} } },
    };
    const board = boardOf(
      boardWith(
        "protocols: [voltage, pinctrl]",
        "voltageDomains: [ { id: 0, name: vdd, range: { min: 0, max: 10, step: 1 } } ]",
      ),
    );
    const host = {
      ...tree,
      children: { ...tree.children, firmware: { children: { scmi: { ...scmi, children: protocols } } } },
    };
    const source = sourceOf(viewOf(host, [GUEST], { board }), { devices: ["/soc/mmc@1000"] });
    expect(source).toMatch(
      /regulator_0: regulator@0 \{\s+reg = <0x0>;\s+regulator-name = "vdd";\s+regulator-always-on;/,
    );
    expect(source.match(/regulator@0/g)).toHaveLength(1);
    expect(source).toMatch(/sd1_pins: sd1-pins \{\s+pins1 \{\s+groups = "sd1";/);
    expect(source).not.toContain("sd2");
    expect(source).toContain("vmmc-supply = <&regulator_0>;");
    expect(source).toContain("pinctrl-0 = <&sd1_pins>;");
  });

  test("has no interrupts of a controller that is no GIC", () => {
    const soc = {
      "i2c@1000": {
        props: { reg: [0, 0x1000, 0, 64], "interrupt-parent": [PHANDLE.other], interrupts: [3] },
      },
    };
    const source = sourceOf(viewOf(hostTree(soc)), { devices: [I2C] });
    expect(source).toContain("does not have: interrupts */");
    expect(source).not.toContain("interrupts =");
  });

  test("is without what refers to the host, and says so; of Xen's own and of IOMMUs nothing is said", () => {
    const lines = deviceIn({
      clocks: [PHANDLE.other, 1],
      "clock-names": ["a"],
      iommus: [PHANDLE.smmu, 1],
      "access-controllers": [PHANDLE.management, 1],
      "xen,passthrough": true,
      status: "disabled",
      phandle: [77],
      "interrupts-extended": [PHANDLE.gic, 0, 9, 1],
    });
    expect(lines).toEqual(["i2c@1000 {", "reg = <0x0 0x1000 0x0 0x40>;", "interrupts = <0x0 0x9 0x1>;"]);
    const view = viewOf(
      hostTree({ "i2c@1000": { props: { reg: [0, 0x1000, 0, 64], clocks: [PHANDLE.other, 1] } } }),
    );
    expect(sourceOf(view, { devices: [I2C] })).toContain("what the guest does not have: clocks */");
  });

  test("that is not behind an IOMMU is forced upon Xen, page by page", () => {
    expect(deviceIn({}, "dom0less")).toEqual([
      "i2c@1000 {",
      "reg = <0x0 0x1000 0x0 0x40>;",
      `xen,path = "${I2C}";`,
      "xen,reg = <0x0 0x1000 0x0 0x1000 0x0 0x1000>;",
      "xen,force-assign-without-iommu;",
    ]);
    expect(deviceIn({ iommus: [PHANDLE.smmu, 1] }, "dom0less")).not.toContain(
      "xen,force-assign-without-iommu;",
    );
  });

  test("on a bus of other cells, and with a bus of its own, is counted in two cells", () => {
    const soc = {
      bus: {
        props: { "#address-cells": [1], "#size-cells": [1], ranges: [0, 0, 0x5000_0000, 0x100000] },
        children: {
          "pcie@2000": {
            props: {
              reg: [0x2000, 0x1000],
              "#address-cells": [3],
              "#size-cells": [2],
              ranges: [0x2000000, 0, 0x100, 0x3000, 0, 0x100],
            },
            children: { "child@0": { props: { reg: [0, 0, 0, 0, 0] } } },
          },
        },
      },
    };
    const source = sourceOf(viewOf(hostTree(soc)), { devices: ["/soc/bus/pcie@2000"] });
    expect(source).toContain("pcie@50002000 {");
    expect(source).toContain("reg = <0x0 0x50002000 0x0 0x1000>;");
    expect(source).toContain("ranges = <0x2000000 0x0 0x100 0x0 0x3000 0x0 0x100>;");
    expect(source).toContain("child@0 {");
  });

  test("without registers that Xen can map is not copied, and named", () => {
    const soc = {
      i2c: {
        props: { "#address-cells": [1], "#size-cells": [0] },
        children: { "eeprom@50": { props: { reg: [0x50] } } },
      },
    };
    const source = sourceOf(viewOf(hostTree(soc)), { devices: ["/soc/i2c/eeprom@50"] });
    expect(source).toContain("not here: /soc/i2c/eeprom@50 */");
  });

  test("may be called as another is", () => {
    const node = { props: { reg: [0, 0x1000, 0, 0x40] } };
    const soc = {
      "i2c@1000": node,
      bus: { props: { ranges: true as const }, children: { "i2c@1000": node } },
    };
    const source = sourceOf(viewOf(hostTree(soc)), { devices: [I2C, "/soc/bus/i2c@1000"] });
    expect(source).toContain("i2c-2@1000 {");
  });
});

test("a dom0less domain's own partial tree says where it finds its pages", () => {
  const props = { "#address-cells": [2], "#size-cells": [2] };
  const page = {
    props: {
      "xen,reg": [0, 0x47ff_2000, 0, 0x1000, 0, 0x4a00_0000],
      "xen,force-assign-without-iommu": true as const,
    },
  };
  const own = treeOf({ children: { passthrough: { props, children: { page } } } });
  const view = viewOf(hostTree(), [], { partialTrees: new Map([["domA", own]]) });
  const source = sourceOf(view, { name: "domA", origin: "dom0less" }, "dom0less");
  expect(source).toContain("sram@4a000000 {");
  expect(source).toContain("xen,reg = <0x0 0x47ff2000 0x0 0x1000 0x0 0x4a000000>;");
});

test.each([
  ["dom0", { origin: "dom0" as const }, /gets the host device tree/],
  ["a guest without agent and devices", { channel: null }, /neither an agent nor devices/],
])("%s has no partial tree", (_, changes, why) => {
  expect(exportPartialTree(viewOf(hostTree()), guest(changes), "xl")).toMatchObject({
    code: "not-exportable",
    detail: expect.stringMatching(why),
  });
});
