import { expect, test } from "vitest";
import { hostOverlayFile } from "#config/export/exports.ts";
import { exportHostOverlay, type HostOverlayOptions } from "#config/export/host-overlay.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { boardOf } from "../../support/boards.ts";
import type { DtbNode } from "../../support/fdt-builder.ts";
import { channel, GUEST, hostTree, ok, PHANDLE, viewOf } from "./views.ts";

const IN_USE: HostOverlayOptions = { all: false, agents: [] };

function sourceOf(view: Parameters<typeof exportHostOverlay>[0], options = IN_USE): string {
  return ok(toDts(ok(exportHostOverlay(view, options)).tree, { plugin: true }));
}

/** Function id and agent of each row. */
function rowsOf(source: string): string[] {
  const list = /scmi-secondary-agents =\s([^;]*);/.exec(source)?.[1] ?? "";
  return [...list.matchAll(/<0x(\w+) &\w+ 0x(\w+)>/g)].map(([, funcId, agent]) => `${funcId} ${agent}`);
}

test("lists the agents in use, all, or some more, in Xen's order", () => {
  const view = viewOf(hostTree());
  expect(rowsOf(sourceOf(view))).toEqual(["82000002 0", "82000004 2"]);
  expect(rowsOf(sourceOf(view, { all: true, agents: [] }))).toEqual([
    "82000002 0",
    "82000004 2",
    "82000005 3",
  ]);
  expect(rowsOf(sourceOf(view, { all: false, agents: [3] }))).toHaveLength(3);
  expect(exportHostOverlay(view, { all: false, agents: [7] })).toMatchObject({
    code: "not-exportable",
    detail: expect.stringContaining("no channel of agent 7"),
  });
});

test("has Xen's own node, dom0's agent, and the page of each", () => {
  const source = sourceOf(viewOf(hostTree()));
  expect(source).toContain("xen,dom0-sci-agent-id = <0x0>;");
  expect(source).toMatch(/scmi_xen: scmi \{[^}]*arm,smc-id = <0x82000003>;[^}]*shmem = <&sram_47ff1000>;/);
  expect(source).toContain("#access-controller-cells = <0x1>;");
  expect(source.match(/sram@47ff\w+ \{/g)).toHaveLength(3);
});

test("names the devices under control, those of other providers too, and those that are kept from dom0", () => {
  const soc = {
    a: { props: { "access-controllers": [PHANDLE.other, 9, PHANDLE.management, 4] } },
    b: { props: { "xen,passthrough": true as const } },
    c: { props: { "access-controllers": [PHANDLE.other, 9] } },
  };
  const source = sourceOf(viewOf(hostTree(soc)));
  expect(source).toContain(`access-controllers = <0x${PHANDLE.other} 0x9 &scmi_xen 0x4>;`);
  expect(source.match(/target-path = "\/soc\/.*"/g)).toEqual([
    'target-path = "/soc/a"',
    'target-path = "/soc/b"',
  ]);
});

test("leaves the cells of /chosen alone where boot modules are counted in them", () => {
  const module = { "module@100": { props: { reg: [0x100, 0x10] } } };
  const counted = sourceOf(
    viewOf(hostTree({}, { props: { "#address-cells": [1], "#size-cells": [1] }, children: module })),
  );
  expect(counted).toMatch(/chosen \{\s+ranges;\s+#address-cells = <0x1>;\s+#size-cells = <0x1>;/);
  const inherited = sourceOf(viewOf(hostTree({}, { children: module })));
  expect(inherited).toMatch(/chosen \{\s+ranges;\s+box/);
  expect(sourceOf(viewOf(hostTree()))).toMatch(/chosen \{\s+#address-cells = <0x2>;/);
});

test("counts pages in the cells that the container has, some of which it may inherit", () => {
  const tree = hostTree();
  const chosen = (tree.children as Record<string, DtbNode>)["chosen"] as DtbNode;
  const box = (chosen.children as Record<string, DtbNode>)["box"] as DtbNode;
  const narrow = { ...box, props: { compatible: "xen,sci", "#address-cells": [1] } };
  const children = { ...tree.children, chosen: { children: { box: narrow } } };
  const source = sourceOf(viewOf({ ...tree, children }));
  expect(source).toMatch(/box \{\s+#address-cells = <0x1>;\s+#size-cells = <0x2>;/);
  expect(source).toContain("reg = <0x47ff0000 0x0 0x1000>;");
});

test("tells what dom0less domains hold", () => {
  const view = viewOf(hostTree(), [{ ...GUEST, name: "domA", origin: "dom0less" }]);
  expect(sourceOf(view)).toMatch(
    /domA \{\s+xen,sci_type = "scmi_smc_multiagent";\s+xen,sci-agent-id = <0x2>;/,
  );
});

test("a tree of an older generation is a matter of migration", () => {
  const tree: DtbNode = { children: { chosen: { props: { "xen,scmi-secondary-agents": [2, 3, 4] } } } };
  expect(hostOverlayFile(viewOf(tree), IN_USE)).toMatchObject({
    code: "not-exportable",
    detail: expect.stringContaining("scmictl export migrate"),
  });
});

test.each([
  ["no mediator", { accessController: null }, /no multi-agent mediator/],
  ["no agent in use", { channels: [channel(1, "xen"), channel(2, null)] }, /no agent is in use/],
])("with %s there is no overlay", (_, others, why) => {
  expect(hostOverlayFile(viewOf(hostTree(), [], others), IN_USE)).toMatchObject({
    code: "not-exportable",
    detail: expect.stringMatching(why),
  });
});

test("a tree without any binding is given one: Xen gets a trusted agent, dom0 that of the host's own SCMI node", () => {
  const soc = {
    a: { props: { clocks: [PHANDLE.clocks, 0] } },
    b: { props: { clocks: [PHANDLE.clocks, 0, PHANDLE.clocks, 1] } },
    c: { props: { clocks: [PHANDLE.clocks, 2] } },
    d: { props: { clocks: [PHANDLE.clocks, 3] } },
  };
  const tree = hostTree(soc);
  const bare: DtbNode = { ...tree, children: { ...tree.children, chosen: {} } };
  const board = boardOf(
    [
      "name: planned",
      "deviceTree: host.dtb",
      "firmware:",
      "  protocols: [clock]",
      "  trustedAgents: [0, 1]",
      "  agents:",
      "    - { id: 0, name: a, funcId: 0x82000002, shmem: 0x47ff0000 }",
      "    - { id: 1, name: b, funcId: 0x82000003, shmem: 0x47ff1000 }",
      "    - { id: 2, name: c, funcId: 0x82000004, shmem: 0x47ff2000 }",
      "  clocks: [ { id: 0, name: w, rates: [1] }, { id: 1, name: x, rates: [1] }, { id: 2, name: y, rates: [1] } ]",
      "  devices:",
      "    - { id: 5, name: one, clocks: [0] }",
      "    - { id: 6, name: both, clocks: [0, 1] }",
      "    - { id: 7, name: this, clocks: [2] }",
      "    - { id: 8, name: that, clocks: [2] }",
    ].join("\n"),
  );
  const view = viewOf(bare, [], { board, channels: [], accessController: null });
  const { text } = ok(hostOverlayFile(view, IN_USE));
  expect(rowsOf(text)).toEqual(["82000002 0", "82000004 2"]);
  expect(text).toContain("arm,smc-id = <0x82000003>;");
  expect(text).toContain("xen,dom0-sci-agent-id = <0x0>;");
  const controllers = [...text.matchAll(/target-path = "\/soc\/(\w)";[^}]*access-controllers = <([^>]*)>/g)];
  expect(controllers.map(([, node, cells]) => [node, cells])).toEqual([
    ["a", "&scmi_xen 0x5"],
    ["b", "&scmi_xen 0x6"],
  ]);
  expect(text).toContain("Not told: /soc/c may be any of devices 7, 8.");
  const untrusted = { ...board, firmware: { ...board.firmware, trustedAgents: [] } };
  expect(hostOverlayFile({ ...view, board: untrusted }, IN_USE)).toMatchObject({
    detail: expect.stringContaining("no trusted agent"),
  });
});
