import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { DeviceTree } from "#config/device-tree/fdt.ts";
import { readCells, readU32 } from "#config/device-tree/property.ts";
import { dom0TreeFile, guestTreeFile } from "#config/export/tree-files.ts";
import type { ExportView } from "#config/export/view.ts";
import { exportView } from "#machine/views/export.ts";
import { nodeAt, parsed } from "../support/device-tree.ts";
import { booted, funcIdOf, type HostOptions, node, pageOf, type Scenario } from "../support/scenario.ts";
import { PASSTHROUGH, singleAgent } from "../support/single-agent.ts";

function viewOf(scenario: Scenario): ExportView {
  return exportView(scenario.machine.state) as ExportView;
}

function dom0TreeOf(options: HostOptions): DeviceTree {
  const file = dom0TreeFile(viewOf(booted(options)));
  if (isProblem(file)) throw new Error(file.detail);
  return parsed(file.dtb as Uint8Array);
}

/** The host's own SCMI node and its page, as every real tree has them. */
const { root } = singleAgent();
const multiAgent = (options: HostOptions = {}): HostOptions => ({
  ...options,
  root: { ...root, ...options.root },
});
const NO_AGENT = { "xen,dom0-sci-agent-id": undefined };

describe("dom0's tree after a boot (§7.4, §8.5)", () => {
  const kept = ["/sram@47ff0000", "/firmware/scmi"];
  test.each<[string, HostOptions, boolean]>([
    ["with an agent", multiAgent(), true],
    ["without an agent", multiAgent({ container: NO_AGENT }), false],
    ["with an agent that is too large", multiAgent({ container: { "xen,dom0-sci-agent-id": [255] } }), false],
    ["where the probe failed", multiAgent({ container: NO_AGENT, xen: { smccc: "1.0" } }), true],
    ["where nothing was there to probe", multiAgent({ management: { status: "disabled" } }), true],
    ["of a Xen without a mediator", multiAgent({ container: NO_AGENT, xen: { mediator: "none" } }), true],
    ["of the single-agent mediator's owner", singleAgent(), true],
    ["with scmi-smc-passthrough", singleAgent(PASSTHROUGH), false],
    ["where the single-agent probe failed", singleAgent(PASSTHROUGH, { "arm,smc-id": undefined }), true],
  ])("%s", (_, options, hasScmi) => {
    const tree = dom0TreeOf(options);
    for (const path of kept) expect(tree.nodeByPath(path) !== undefined, path).toBe(hasScmi);
    expect(tree.nodeByPath("/chosen/xen")).toBeUndefined();
    expect(readU32(nodeAt(tree, "/soc/both@4000"), "access-controllers")).toBe(5);
  });

  test.each([
    ["v3", 3],
    ["v4", 3],
    ["v5", 0],
    ["v10", 0],
  ] as const)("%s gives dom0's SCMI node the channel of agent %i", (version, agentId) => {
    const tree = dom0TreeOf(
      multiAgent({
        xen: { version, cmdline: version === "v10" ? "" : "dom0_scmi_agent_id=3" },
        container: { "xen,dom0-sci-agent-id": [3] },
      }),
    );
    expect(readU32(nodeAt(tree, "/firmware/scmi"), "arm,smc-id")).toBe(funcIdOf(agentId));
    expect(readCells(nodeAt(tree, "/sram@47ff0000"), "reg")).toEqual([0, pageOf(agentId), 0, 0x1000]);
  });

  test("is what dom0 was built with, whatever came to its domains later", () => {
    const scenario = booted(multiAgent());
    const before = dom0TreeFile(viewOf(scenario));
    scenario.create("red", 2, "both@4000");
    expect(dom0TreeFile(viewOf(scenario))).toEqual(before);
  });

  test("is not where there is no dom0", () => {
    const view = viewOf(booted({ container: { "xen,dom0-sci-agent-id": [9] } }));
    expect(dom0TreeFile(view)).toMatchObject({ code: "not-exportable" });
  });
});

describe("a dom0less domain's tree", () => {
  const scenario = booted({
    chosen: { domU1: node({ compatible: "xen,domain" }), domU2: node({ compatible: "xen,domain" }) },
    partialTrees: { domU1: node({}, { passthrough: node({ model: "here" }), other: node({}) }) },
  });
  scenario.create("red", 2);
  const refusal = (domain: string | number) => {
    const file = guestTreeFile(viewOf(scenario), { domain });
    return isProblem(file) ? file : undefined;
  };

  test("is what its partial tree gives it", () => {
    const file = guestTreeFile(viewOf(scenario), { domain: "domU1" });
    if (isProblem(file)) throw new Error(file.detail);
    expect(file.name).toBe("domU1-guest.dts");
    expect(parsed(file.dtb as Uint8Array).nodes.map(({ path }) => path)).toEqual(["/", "/passthrough"]);
  });

  test.each<[string | number, string, RegExp]>([
    [0, "not-exportable", /dom0-tree/],
    ["domU2", "not-exportable", /xen\.partialTrees/],
    ["red", "not-exportable", /file of dom0's/],
    ["nobody", "domain-not-found", /nobody/],
  ])("is refused for %s", (domain, code, why) => {
    expect(refusal(domain)).toMatchObject({ code, detail: expect.stringMatching(why) });
    expect(guestTreeFile(viewOf(scenario), { agentId: 2 })).toMatchObject({ code: "not-exportable" });
  });
});
