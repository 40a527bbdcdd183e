import { afterEach, describe, expect, test } from "vitest";
import { violations } from "#machine/checks/invariants.ts";
import { hostView } from "#machine/views/host.ts";
import { type Answer, funcIdOf, PHANDLE, pageOf } from "../../support/scenario.ts";
import { PASSTHROUGH, SingleAgentHost } from "../../support/single-agent.ts";

let scenario: SingleAgentHost;

function boot(...options: ConstructorParameters<typeof SingleAgentHost>): Answer {
  scenario = new SingleAgentHost(...options);
  return scenario.boot();
}

afterEach(() => {
  expect(violations(scenario.machine.state)).toEqual([]);
});

describe("devices (§7.3: no assign hook)", () => {
  test.each(["plain@1000", "clocked@2000", "dma@3000", "both@4000"])(
    "%s is assigned by the IOMMU alone: SCI says ENXIO and sends nothing",
    (device) => {
      boot(PASSTHROUGH);
      const answer = scenario.ask("drv", "scmi_smc", device);
      expect(answer.errno).toBeNull();
      expect(answer.types).toEqual(["domain.created", "device.assigned"]);
      expect(answer.the("device.assigned")).toMatchObject({
        deviceIds: [],
        sci: "ENXIO",
        iommu: null,
        controlled: false,
      });
      // That no permission was asked for is how this mediator is, and no finding.
      expect(hostView(scenario.machine.state)?.findings).toEqual([]);
    },
  );

  test("v7 takes ENXIO for an error: nothing can be assigned, and the domain is destroyed without a message", () => {
    boot(PASSTHROUGH, {}, { xen: { mediator: "single-agent", version: "v7", cmdline: PASSTHROUGH } });
    const answer = scenario.ask("drv", "scmi_smc", "plain@1000");
    expect(answer.types).toEqual(["domain.created", "device.assignment-refused", "domain.destroyed"]);
    expect(answer.errno).toBe("ENXIO");
    expect(scenario.owner).toBeNull();
  });

  test("dom0 claims what is behind the IOMMU, and asks for no permission", () => {
    const answer = boot(
      "",
      {},
      { soc: { "both@4000": { iommus: [PHANDLE.smmu, 2], "access-controllers": [PHANDLE.management, 2] } } },
    );
    expect(answer.the("device.assigned")).toMatchObject({ path: "/soc/both@4000", deviceIds: [] });
    expect(answer.sent).toEqual([]);
    expect(hostView(scenario.machine.state)?.findings).toEqual([]);
  });
});

describe("calls (§5.1, §7.3)", () => {
  test("the owner's go to the firmware as they are, and what it answers comes back", () => {
    boot();
    const answer = scenario.smc(0, 0xdead_beef_0000_0000n | BigInt(funcIdOf(0)), 1, 2, 3, 4);
    expect(answer.the("smc.forwarded")).toMatchObject({
      origin: "domain",
      caller: 0,
      shmem: pageOf(0),
      x: [BigInt(funcIdOf(0)), 1n, 2n, 3n, 4n, 0n, 0n, 0n],
    });
    expect(answer.result).toMatchObject({ handled: true, x: ["0x0", "0x0", "0x0", "0x0"] });
  });

  test.each<[string, string, number, string]>([
    ["another's call of the right id", "unprivileged", funcIdOf(0), "plain"],
    ["dom0's, while a guest owns SCMI", "unprivileged", funcIdOf(0), "Domain-0"],
    ["the owner's call of another id", "foreign-function-id", funcIdOf(2), "drv"],
    ["anybody's call of another id", "foreign-function-id", funcIdOf(1), "plain"],
    ["an id that is not SiP", "owner-not-sip", 0x8400_0002, "drv"],
  ])("%s is not handled: %s", (_, reason, funcId, domain) => {
    boot(PASSTHROUGH);
    scenario.ask("plain", "none");
    scenario.ask("drv", "scmi_smc");
    const answer = scenario.smc(domain, funcId, 1, 2, 3);
    expect(answer.types).toEqual(["smc.refused"]);
    expect(answer.the("smc.refused").reason).toBe(reason);
    expect(answer.result).toMatchObject({ handled: false, x: ["0xffffffffffffffff", "0x1", "0x2", "0x3"] });
  });

  test("nobody owns SCMI: the right id is nobody's", () => {
    boot(PASSTHROUGH);
    expect(scenario.smc(0, funcIdOf(0)).the("smc.refused").reason).toBe("unprivileged");
  });

  test("a typed call goes over the agent's page", () => {
    boot();
    const call = { protocol: "base", message: "BASE_DISCOVER_AGENT", params: { agentId: 0xffff_ffff } };
    const { result } = scenario.when({ kind: "scmi", domain: 0, call });
    expect(result).toMatchObject({ status: "SUCCESS", result: { agentId: 0, name: "agent-0" } });
  });

  test("an id that the firmware does not know either is forwarded, and its answer comes back", () => {
    boot("", { "arm,smc-id": [0x8200_0099], shmem: undefined });
    const answer = scenario.smc(0, 0x8200_0099);
    expect(answer.result).toEqual({
      handled: true,
      x: ["0xffffffffffffffff", "0x0", "0x0", "0x0"],
      shmem: "",
      seq: 5,
    });
    expect(answer.the("smc.forwarded")).toMatchObject({ caller: null, writes: [] });
    const call = { protocol: "base", message: "PROTOCOL_VERSION" };
    expect(scenario.when({ kind: "scmi", domain: 0, call }).problem?.code).toBe("domain-without-channel");
  });
});

describe("what needs a channel of Xen's own", () => {
  test.each([
    { kind: "agent.reset", agentId: 0, permissions: true },
    { kind: "permission.set", agentId: 0, deviceId: 1, allowed: true },
  ] as const)("$kind is refused, and leaves no trace", (command) => {
    for (const acpi of [false, true]) {
      boot("", {}, { xen: { mediator: "single-agent", acpi } });
      const digest = scenario.machine.digest();
      const answer = scenario.when(command);
      expect(answer).toMatchObject({ types: [], problem: { code: "mediator-without-management" } });
      expect(scenario.machine.digest()).toEqual(digest);
    }
  });
});
