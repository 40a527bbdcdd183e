import { afterEach, describe, expect, test } from "vitest";
import { violations } from "#machine/checks/invariants.ts";
import { hostView } from "#machine/views/host.ts";
import { type Answer, type HostOptions, node } from "../../support/scenario.ts";
import { PASSTHROUGH, SingleAgentHost } from "../../support/single-agent.ts";

let scenario: SingleAgentHost;

function boot(...options: ConstructorParameters<typeof SingleAgentHost>): Answer {
  scenario = new SingleAgentHost(...options);
  return scenario.boot();
}

afterEach(() => {
  expect(violations(scenario.machine.state)).toEqual([]);
});

describe("without scmi-smc-passthrough (§7.3)", () => {
  test("dom0 owns SCMI whatever its type, and gives nobody rights to the page", () => {
    const answer = boot();
    expect(answer.the("domain.created")).toMatchObject({
      origin: "dom0",
      config: { sci: { type: "none" } },
      agent: 0,
      channel: 0,
    });
    expect(answer.the("domain.created")).not.toHaveProperty("iomem");
    expect(scenario.owner).toBe(0);
    expect(scenario.machine.state.mediator.iomem.keys()).toEqual([]);
  });

  test.each<[string, string | null, string | null]>([
    ["none", null, null],
    ["scmi_smc", "EINVAL", "dom0 owns SCMI: Xen was not started with scmi-smc-passthrough"],
    ["scmi_smc_multiagent", "EINVAL", "the single-agent mediator refuses type scmi_smc_multiagent"],
    ["scmi", "EINVAL", "the single-agent mediator refuses type scmi"],
  ])("a guest of type %s: %s", (type, errno, message) => {
    boot();
    const answer = scenario.ask("drv", type);
    expect(answer.errno).toBe(errno);
    if (errno === null) expect(answer.result).toMatchObject({ domid: 1, agentId: null });
    else expect(answer.the("domain.creation-refused")).toMatchObject({ stage: "xen", errno, message });
    expect(scenario.owner).toBe(0);
    // What Xen refuses has used its domid up.
    expect(scenario.ask("other", "none").result.domid).toBe(2);
  });
});

describe("with scmi-smc-passthrough (§7.3)", () => {
  test("dom0 has no SCMI; the first guest that asks owns it, a second is refused", () => {
    const answer = boot(PASSTHROUGH);
    expect(answer.the("domain.created")).toMatchObject({ origin: "dom0", agent: null, channel: null });
    expect(scenario.owner).toBeNull();
    expect(scenario.ask("plain", "none").result).toMatchObject({ agentId: null });
    expect(scenario.ask("drv", "scmi_smc").result).toMatchObject({ agentId: 0, sciType: "scmi_smc" });
    expect(scenario.owner).toBe(2);
    const second = scenario.ask("late", "scmi_smc");
    expect(second.the("domain.creation-refused")).toMatchObject({
      errno: "EEXIST",
      message: "SCMI is owned by domain 2, drv",
    });
    expect(scenario.ask("multi", "scmi_smc_multiagent").errno).toBe("EINVAL");
    expect(scenario.owner).toBe(2);
  });

  test("dom0 has none even where it is created with the type that asks", () => {
    // As the shipping product does.
    const xen = { mediator: "single-agent", version: "bsp", cmdline: "dom0_scmi_smc_passthrough" } as const;
    const answer = boot("", {}, { xen });
    expect(answer.the("domain.created")).toMatchObject({
      config: { sci: { type: "scmi_smc" } },
      agent: null,
    });
  });

  test("the owner is destroyed without a message, and the next one owns it", () => {
    boot(PASSTHROUGH);
    scenario.ask("drv", "scmi_smc");
    const answer = scenario.destroy("drv");
    expect(answer.types).toEqual(["domain.destroyed"]);
    expect(answer.the("domain.destroyed").relinquish).toBe("none");
    expect(scenario.owner).toBeNull();
    expect(scenario.ask("next", "scmi_smc").result).toMatchObject({ domid: 2, agentId: 0 });
    expect(scenario.owner).toBe(2);
  });

  test("what the owner did in the firmware stays for the next one", () => {
    boot(PASSTHROUGH, {}, { firmware: { trustedAgents: [0] } });
    scenario.ask("drv", "scmi_smc");
    const params = { agentId: 0, deviceId: 1, flags: 1 };
    const call = { protocol: "base", message: "BASE_SET_DEVICE_PERMISSIONS", params };
    scenario.when({ kind: "scmi", domain: "drv", call });
    scenario.destroy("drv");
    expect(scenario.permissions).toContainEqual([0, 1]);
    expect(hostView(scenario.machine.state)?.findings).toEqual([]);
  });

  test("a restart gives it to the same domain under a new domid", () => {
    boot(PASSTHROUGH);
    scenario.ask("drv", "scmi_smc");
    const answer = scenario.when({ kind: "domain.restart", domain: "drv" });
    expect(answer.types).toEqual(["domain.destroyed", "domain.created"]);
    expect(answer.result).toMatchObject({ domid: 2, name: "drv", agentId: 0 });
    expect(scenario.owner).toBe(2);
  });

  test.each<[string, string[], string | null, number | null]>([
    ["destroy", ["domain.shutdown", "domain.destroyed"], null, null],
    ["restart", ["domain.shutdown", "domain.destroyed", "domain.created"], null, 2],
    ["preserve", ["domain.shutdown"], null, 1],
    ["rename-restart", ["domain.shutdown", "domain.creation-refused"], "EEXIST", 1],
  ])("on_reboot = %s", (action, types, errno, ownerAfter) => {
    boot(PASSTHROUGH);
    const xlcfg = `name = "drv"\narm_sci = "type=scmi_smc"\non_reboot = "${action}"\n`;
    expect(scenario.when({ kind: "domain.create", request: { xlcfg } }).result).toMatchObject({ agentId: 0 });
    const answer = scenario.when({ kind: "domain.shutdown", domain: "drv", reason: "reboot" });
    expect(answer).toMatchObject({ types, errno });
    expect(scenario.owner).toBe(ownerAfter);
  });

  test("a host reboot starts anew", () => {
    boot(PASSTHROUGH);
    scenario.ask("drv", "scmi_smc");
    const answer = scenario.boot("reboot");
    expect(answer.types.slice(0, 2)).toEqual(["domain.destroyed", "domain.destroyed"]);
    expect(answer.sent).toEqual([]);
    expect(scenario.owner).toBeNull();
    expect(scenario.ask("drv", "scmi_smc").result).toMatchObject({ domid: 1, agentId: 0 });
  });
});

describe("domains that Xen builds (§3.3, §7.5)", () => {
  const AGENT_OF_DOM0 = { container: { "xen,dom0-sci-agent-id": [0] } };

  test.each(["", PASSTHROUGH])("a tree that gives dom0 an agent is a panic; command line %j", (cmdline) => {
    const answer = boot(cmdline, {}, AGENT_OF_DOM0);
    expect(answer.errno).toBe("EINVAL");
    expect(answer.the("domain.creation-refused")).toMatchObject({
      origin: "dom0",
      errno: "EINVAL",
      message: "the single-agent mediator refuses type scmi_smc_multiagent",
      panic: true,
    });
    expect(scenario.ask("drv", "none").problem?.code).toBe("host-panicked");
  });

  test("but not where no mediator registered, for then nobody looks at types", () => {
    const answer = boot("", { status: "disabled" }, AGENT_OF_DOM0);
    expect(answer.errno).toBeNull();
    expect(answer.the("domain.created")).toMatchObject({ origin: "dom0", agent: null });
  });

  const domU = (...types: object[]): HostOptions => ({
    chosen: Object.fromEntries(
      types.map((props, i) => [`domU${i + 1}`, node({ compatible: "xen,domain", ...props })]),
    ),
  });
  const SCMI = { "xen,sci_type": "scmi_smc" };
  const MULTI = { "xen,sci_type": "scmi_smc_multiagent" };

  test.each<[string, string, HostOptions, string | null, (number | null)[]]>([
    ["a domain that asks, with passthrough", PASSTHROUGH, domU(SCMI), null, [null, 0]],
    ["two that ask: the second is a panic", PASSTHROUGH, domU(SCMI, SCMI), "EEXIST", [null, 0]],
    ["a domain that asks, without passthrough: a panic", "", domU(SCMI), "EINVAL", [0]],
    ["one that does not ask", "", domU({ "xen,sci_type": "none" }), null, [0, null]],
    ["one without a type", PASSTHROUGH, domU({}), null, [null, null]],
    ["the other mediator's type", PASSTHROUGH, domU({ ...MULTI, "xen,sci-agent-id": [2] }), "EINVAL", [null]],
    ["that without its agent", PASSTHROUGH, domU(MULTI), "EINVAL", [null]],
    ["an unknown type", PASSTHROUGH, domU({ "xen,sci_type": "scmi-smc" }), "EINVAL", [null]],
    ["an empty type", PASSTHROUGH, domU({ "xen,sci_type": true }), "ENODATA", [null]],
  ])("dom0less: %s", (_, cmdline, options, errno, agents) => {
    const answer = boot(cmdline, {}, options);
    expect(answer.errno).toBe(errno);
    expect(answer.all("domain.created").map(({ agent }) => agent)).toEqual(agents);
    expect(answer.all("domain.creation-refused").map(({ panic }) => panic)).toEqual(
      errno === null ? [] : [true],
    );
  });
});
