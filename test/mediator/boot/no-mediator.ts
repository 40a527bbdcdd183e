import { expect } from "vitest";
import { violations } from "#machine/checks/invariants.ts";
import { funcIdOf, type Scenario } from "../../support/scenario.ts";

/** What §2.6 says of a host whose probe failed: nobody has SCMI, and nobody is told. */
export function expectNoMediator(scenario: Scenario, created: readonly object[]): void {
  expect(scenario.channels).toEqual([]);
  // The tree gives dom0 agent 0.
  expect(created).toMatchObject([
    { origin: "dom0", config: { sci: { agentId: 0 } }, agent: null, channel: null },
  ]);
  expect(scenario.create("red", 2, "both@4000").all("device.assigned")).toMatchObject([
    { deviceIds: [], sci: "ENXIO", iommu: null, protected: true },
  ]);
  expect(scenario.smc("red", funcIdOf(2)).the("smc.refused").reason).toBe("no-mediator");
  const reset = scenario.when({ kind: "agent.reset", agentId: 2, permissions: true });
  expect([reset.errno, reset.the("smc.refused").reason]).toEqual(["EINVAL", "no-management-channel"]);
  expect(scenario.destroy("red").types).toEqual(["domain.destroyed"]);
  expect(violations(scenario.machine.state)).toEqual([]);
}
