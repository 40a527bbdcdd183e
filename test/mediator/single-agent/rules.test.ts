import { expect, test } from "vitest";
import { Scenario } from "../../support/scenario.ts";
import { singleAgent } from "../../support/single-agent.ts";

test("without scmi-smc-passthrough dom0 owns SCMI, and no message was sent (§7.3)", () => {
  const scenario = new Scenario(singleAgent());
  const answer = scenario.boot();
  expect(answer.types).toEqual(["host.booted", "mediator.probed", "domain.created"]);
  expect(answer.errno).toBeNull();
  expect(scenario.channels).toEqual([{ agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000", owner: 0 }]);
});
