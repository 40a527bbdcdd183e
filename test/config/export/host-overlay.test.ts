import { expect, test } from "vitest";
import { hostOverlayFile } from "#config/export/exports.ts";
import { exportHostOverlay, type HostOverlayOptions } from "#config/export/host-overlay.ts";
import { toDts } from "#config/tree-writer/to-dts.ts";
import { channel, GUEST, hostTree, ok, PHANDLE, viewOf } from "./views.ts";

const IN_USE: HostOverlayOptions = { all: false, agents: [] };

function sourceOf(view: Parameters<typeof exportHostOverlay>[0], options = IN_USE): string {
  return ok(toDts(ok(exportHostOverlay(view, options)), { plugin: true }));
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

test("tells what dom0less domains hold", () => {
  const view = viewOf(hostTree(), [{ ...GUEST, name: "domA", origin: "dom0less" }]);
  expect(sourceOf(view)).toMatch(
    /domA \{\s+xen,sci_type = "scmi_smc_multiagent";\s+xen,sci-agent-id = <0x2>;/,
  );
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
