import { afterEach, describe, expect, test } from "vitest";
import { violations } from "#machine/checks/invariants.ts";
import { type Answer, type HostOptions, node, PHANDLE, pageOf } from "../../support/scenario.ts";
import { anotherNode, PASSTHROUGH, SingleAgentHost } from "../../support/single-agent.ts";

let scenario: SingleAgentHost;

function boot(...options: ConstructorParameters<typeof SingleAgentHost>): Answer {
  scenario = new SingleAgentHost(...options);
  return scenario.boot();
}

afterEach(() => {
  expect(violations(scenario.machine.state)).toEqual([]);
});

describe("dom0's device tree (§7.4)", () => {
  const BEHIND_IOMMU = { iommus: [PHANDLE.smmu, 7] };

  test("with passthrough its SCMI node is dropped, and dom0 may map the page for a guest", () => {
    const answer = boot(PASSTHROUGH, BEHIND_IOMMU);
    expect(answer.the("domain.created").iomem).toEqual({ address: pageOf(0), bytes: 0x1000 });
    expect(answer.all("device.assigned")).toEqual([]);
    expect(scenario.machine.state.mediator.iomem.keys()).toEqual([pageOf(0)]);
    // A guest that owns SCMI brings dom0 no further right, and the one that it has stays.
    scenario.ask("drv", "scmi_smc");
    scenario.destroy("drv");
    expect(scenario.machine.state.mediator.iomem.keys()).toEqual([pageOf(0)]);
  });

  test("without it the node is copied, and claimed like any other", () => {
    const answer = boot("", BEHIND_IOMMU);
    expect(answer.the("device.assigned").path).toBe("/firmware/scmi");
  });

  test("a node at another path is copied all the same, and brings no right", () => {
    const scmi = anotherNode(BEHIND_IOMMU);
    const answer = boot(
      PASSTHROUGH,
      {},
      {
        root: { firmware: node({}), elsewhere: node({}, { scmi }) },
      },
    );
    expect(answer.the("device.assigned").path).toBe("/elsewhere/scmi");
    expect(answer.the("domain.created")).not.toHaveProperty("iomem");
    // Nor does a guest bring it, as one with an agent does.
    scenario.ask("drv", "scmi_smc");
    expect(scenario.machine.state.mediator.iomem.keys()).toEqual([]);
  });

  test.each<[string, string[]]>([
    [PASSTHROUGH, []],
    ["", ["/shared@47fe0000"]],
  ])("any arm,scmi-shmem node: command line %j", (cmdline, claimed) => {
    const shmem = node({ compatible: "arm,scmi-shmem", reg: [0, 0x47fe_0000, 0, 0x1000], ...BEHIND_IOMMU });
    const root = { "shared@47fe0000": shmem, elsewhere: anotherNode() };
    expect(
      boot(cmdline, {}, { root })
        .all("device.assigned")
        .map(({ path }) => path),
    ).toEqual(claimed);
  });

  const page = (reg: number[] | undefined): HostOptions => ({
    root: {
      "sram@47ff0000": node({ compatible: "arm,scmi-shmem", reg, phandle: [PHANDLE.hostPage] }),
      firmware: node({}, { scmi: anotherNode({ shmem: [PHANDLE.hostPage] }) }),
    },
  });

  test.each<[string, HostOptions, { address: number; bytes: number } | undefined]>([
    ["three pages", page([0, 0x47fe_0000, 0, 0x3000]), { address: 0x47fe_0000, bytes: 0x3000 }],
    ["a piece of a page", page([0, 0x47fe_0080, 0, 0x80]), { address: 0x47fe_0000, bytes: 0x1000 }],
    ["a piece of two pages", page([0, 0x47fe_0f80, 0, 0x100]), { address: 0x47fe_0000, bytes: 0x2000 }],
    ["no size", page([0, 0x47fe_0000, 0, 0]), undefined],
    ["no address", page(undefined), undefined],
    ["no node", { root: { firmware: node({}, { scmi: anotherNode({ shmem: [99] }) }) } }, undefined],
    ["no shmem", { root: { firmware: node({}, { scmi: anotherNode({ shmem: undefined }) }) } }, undefined],
  ])("shared memory of %s", (_, options, iomem) => {
    expect(boot(PASSTHROUGH, {}, options).the("domain.created").iomem).toEqual(iomem);
  });

  test("without a registered mediator nothing is dropped and nothing given", () => {
    const answer = boot(PASSTHROUGH, BEHIND_IOMMU, { xen: { mediator: "single-agent", acpi: true } });
    expect(answer.the("domain.created")).not.toHaveProperty("iomem");
    expect(answer.the("device.assigned").path).toBe("/firmware/scmi");
  });
});
