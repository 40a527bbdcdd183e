import { describe, expect, test } from "vitest";
import type { Fault } from "#firmware/faults/faults.ts";
import { booted, type HostOptions, node, Scenario } from "../support/scenario.ts";

const RESET = "BASE_RESET_AGENT_CONFIGURATION";
const NO_DOM0 = { container: { "xen,dom0-sci-agent-id": undefined } };

describe("a domain is created (§3.2)", () => {
  test("with a free agent it owns that agent's channel, and no message is sent", () => {
    const scenario = booted();
    const answer = scenario.create("red", 2);
    expect(answer.types).toEqual(["domain.created"]);
    expect(answer.result).toMatchObject({
      domid: 1,
      agentId: 2,
      state: "running",
      sciType: "scmi_smc_multiagent",
    });
    expect(scenario.owners).toContainEqual([2, 1]);
    expect(scenario.machine.state.mediator.iomem.keys()).toEqual([0x47ff_2000]);
  });

  test.each<[string, string, HostOptions, { type: string; agentId: number }]>([
    ["EINVAL", "the single-agent type", {}, { type: "scmi_smc", agentId: 2 }],
    ["EINVAL", "a type that there is not", {}, { type: "scmi", agentId: 2 }],
    ["ENOENT", "an agent without a channel", {}, { type: "scmi_smc_multiagent", agentId: 7 }],
    ["ENOENT", "255, which no row declares", {}, { type: "scmi_smc_multiagent", agentId: 255 }],
    ["EEXIST", "dom0's agent", {}, { type: "scmi_smc_multiagent", agentId: 0 }],
    ["EEXIST", "Xen's own agent", {}, { type: "scmi_smc_multiagent", agentId: 1 }],
    [
      "EINVAL",
      "any type, in a Xen without a mediator",
      { xen: { mediator: "none" }, ...NO_DOM0 },
      { type: "scmi_smc_multiagent", agentId: 2 },
    ],
  ])("%s: %s", (errno, _, options, sci) => {
    const scenario = booted(options);
    const before = scenario.owners;
    const answer = scenario.when({
      kind: "domain.create",
      request: { name: "red", sci, dtdev: [], passthrough: null, uuid: null },
    });
    expect(answer).toMatchObject({ errno, problem: { code: "domain-creation-refused" } });
    expect(answer.the("domain.creation-refused")).toMatchObject({ stage: "xen", errno, panic: false });
    expect(scenario.owners).toEqual(before);
    // What Xen refuses has used its domid up.
    expect(scenario.create("blue", null).result.domid).toBe(2);
  });

  test("what the toolstack refuses has not", () => {
    const scenario = booted({ xen: { iommu: false } });
    const answer = scenario.create("red", 2, "plain@1000");
    expect(answer.the("domain.creation-refused")).toMatchObject({ stage: "toolstack", errno: "EINVAL" });
    expect(scenario.machine.state.host.at(0).lastDomid).toBe(0);
  });

  test("type none gets no SCI, whatever its agent id", () => {
    const scenario = booted();
    const answer = scenario.when({
      kind: "domain.create",
      request: { name: "red", sci: { type: "none", agentId: 0 }, dtdev: [], passthrough: null, uuid: null },
    });
    expect(answer.result).toMatchObject({ agentId: null });
  });

  test.each(["scmi_smc", "scmi_smc_multiagent", "nonsense"])(
    "without a registered mediator every type is taken, and SCI stays off: %s",
    (type) => {
      const scenario = booted({ xen: { acpi: true } });
      const request = { name: "red", sci: { type, agentId: 9 }, dtdev: [], passthrough: null, uuid: null };
      expect(scenario.when({ kind: "domain.create", request }).result).toMatchObject({ agentId: null });
    },
  );

  test("the order of the checks: type, then channel, then owner", () => {
    const scenario = booted();
    scenario.create("red", 2);
    const errno = (type: string, agentId: number) =>
      scenario.when({
        kind: "domain.create",
        request: { name: "blue", sci: { type, agentId }, dtdev: [], passthrough: null, uuid: null },
      }).errno;
    expect([
      errno("scmi_smc", 9),
      errno("scmi_smc_multiagent", 9),
      errno("scmi_smc_multiagent", 2),
      errno("scmi_smc_multiagent", 3),
    ]).toEqual(["EINVAL", "ENOENT", "EEXIST", null]);
  });

  test("domids go up from 1, over those refused, and start again from 1 after a boot", () => {
    const scenario = booted();
    expect(scenario.create("a", null).result.domid).toBe(1);
    scenario.create("b", 9);
    expect(scenario.create("c", null).result.domid).toBe(3);
    scenario.destroy(3);
    expect(scenario.create("d", null).result.domid).toBe(4);
    scenario.boot("reboot");
    expect(scenario.create("e", null).result.domid).toBe(1);
  });

  test("a name or uuid in use is the toolstack's to refuse", () => {
    const scenario = booted();
    scenario.create("red", null);
    expect(scenario.create("red", 2)).toMatchObject({ errno: "EINVAL" });
    expect(scenario.create("blue", 2).result.domid).toBe(2);
  });
});

describe("domains that Xen builds itself (§3.3)", () => {
  test.each<[string, NonNullable<HostOptions["container"]>, number | null]>([
    ["the container's agent", {}, 0],
    ["no agent where there is no property", { "xen,dom0-sci-agent-id": undefined }, null],
    ["no agent where it is too short", { "xen,dom0-sci-agent-id": new Uint8Array(2) }, null],
    ["no agent from 255 on", { "xen,dom0-sci-agent-id": [255] }, null],
    ["another free agent", { "xen,dom0-sci-agent-id": [3] }, 3],
  ])("dom0 gets %s", (_, container, agentId) => {
    const scenario = new Scenario({ container });
    expect(scenario.boot().the("domain.created")).toMatchObject({ origin: "dom0", agent: agentId });
    // dom0's own page needs no rights for dom0.
    expect(scenario.machine.state.mediator.iomem.keys()).toEqual([]);
  });

  test.each<[string, HostOptions, string]>([
    ["an unknown agent", { container: { "xen,dom0-sci-agent-id": [9] } }, "ENOENT"],
    ["Xen's agent", { container: { "xen,dom0-sci-agent-id": [1] } }, "EEXIST"],
    ["an agent, in a Xen without a mediator", { xen: { mediator: "none" } }, "EINVAL"],
  ])("dom0 with %s is a panic", (_, options, errno) => {
    const scenario = new Scenario(options);
    const answer = scenario.boot();
    expect(answer.errno).toBe(errno);
    expect(answer.the("domain.creation-refused")).toMatchObject({ origin: "dom0", errno, panic: true });
    expect(scenario.create("red", 2).problem?.code).toBe("host-panicked");
  });

  test("dom0less domains come in tree order, and the first panic ends the boot", () => {
    const domain = (agentId: number) =>
      node({
        compatible: "xen,domain",
        "xen,sci_type": "scmi_smc_multiagent",
        "xen,sci-agent-id": [agentId],
      });
    const scenario = new Scenario({ chosen: { b: domain(2), a: domain(2), c: domain(3) } });
    const answer = scenario.boot();
    expect(answer.all("domain.created").map(({ name }) => name)).toEqual(["Domain-0", "b"]);
    expect(answer.the("domain.creation-refused")).toMatchObject({ name: "a", errno: "EEXIST" });
  });
});

describe("a domain is destroyed (§3.4)", () => {
  test("its agent is reset, its channel is free, and dom0 keeps the rights to the page", () => {
    const scenario = booted();
    scenario.create("red", 2, "clocked@2000");
    expect(scenario.permissions).toContainEqual([2, 1]);
    const answer = scenario.destroy("red");
    expect(answer.types).toEqual(["smc.forwarded", "agent.reset", "domain.destroyed"]);
    expect(answer.sent).toEqual([[0x400b, 2, 1]]);
    expect(answer.the("domain.destroyed")).toMatchObject({ relinquish: "reset", cause: "destroy" });
    expect(scenario.permissions).not.toContainEqual([2, 1]);
    expect(scenario.owners).toContainEqual([2, null]);
    expect(scenario.machine.state.mediator.iomem.has(0x47ff_2000)).toBe(true);
  });

  test("without SCI nothing is sent", () => {
    const scenario = booted();
    scenario.create("red", null);
    expect(scenario.destroy("red")).toMatchObject({ types: ["domain.destroyed"], errno: null });
  });

  test.each<[string, Fault]>([
    ["a firmware without RESET", { action: "status", value: -1 }],
    ["a refused SMC, which leaves the page busy for ever", { action: "x0", value: 0xffff_ffffn }],
  ])("%s counts as done", (_, fault) => {
    const scenario = booted();
    scenario.create("red", 2, "clocked@2000");
    const answer = scenario.fault({ ...fault, message: RESET }).destroy("red");
    expect(answer.errno).toBeNull();
    expect(answer.the("domain.destroyed").relinquish).toBe("tolerated");
    expect(scenario.owners).toContainEqual([2, null]);
    expect(scenario.permissions).toContainEqual([2, 1]);
  });

  test("one refused SMC lets this domain die and blocks the next", () => {
    const scenario = booted();
    scenario.create("red", 2);
    scenario.create("blue", 3);
    scenario.fault({ action: "x0", value: 1n, message: RESET }, 1);
    expect(scenario.destroy("red").errno).toBeNull();
    const answer = scenario.destroy("blue");
    expect(answer.errno).toBe("EBUSY");
    expect(answer.the("smc.refused")).toMatchObject({ origin: "xen", reason: "channel-busy" });
    expect(scenario.create("green", 2, "clocked@2000").errno).toBe("EBUSY");
  });

  test.each<[number, string]>([
    [-2, "EINVAL"],
    [-3, "EACCES"],
    [-4, "ENOENT"],
    [-5, "ERANGE"],
    [-6, "EBUSY"],
    [-7, "ENOTCONN"],
    [-8, "EIO"],
    [-9, "ENXIO"],
    [-10, "EBADMSG"],
    [-11, "EINVAL"],
    [7, "EINVAL"],
  ])(
    "status %i: %s, and the domain is dying and keeps its agent until a later destroy succeeds",
    (value, errno) => {
      const scenario = booted();
      scenario.create("red", 2, "clocked@2000");
      const answer = scenario.fault({ action: "status", value, message: RESET }).destroy("red");
      expect(answer).toMatchObject({ errno, problem: { code: "domain-destroy-refused" } });
      expect(answer.the("domain.destroy-refused")).toMatchObject({ errno, dying: true });
      expect(scenario.machine.state.mediator.domain.at(1).state).toBe("dying");
      expect(scenario.owners).toContainEqual([2, 1]);
      expect(scenario.create("blue", 2).errno).toBe("EEXIST");
      expect(scenario.smc(1, 0x8200_0004).problem?.code).toBe("domain-dying");
      // Each try sends the message anew.
      expect(scenario.destroy(1)).toMatchObject({ errno, sent: [[0x400b, 2, 1]] });
      expect(scenario.mend().destroy(1)).toMatchObject({ errno: null, sent: [[0x400b, 2, 1]] });
      expect(scenario.create("blue", 2).problem).toBeNull();
    },
  );

  test("devices behind the IOMMU are let go at the first try, even where the agent cannot be reset", () => {
    const scenario = booted();
    scenario.create("red", 2, "dma@3000");
    expect(scenario.machine.state.mediator.iommu.has("/soc/dma@3000")).toBe(true);
    scenario.fault({ action: "status", value: -3, message: RESET }).destroy("red");
    expect(scenario.machine.state.mediator.iommu.has("/soc/dma@3000")).toBe(false);
  });

  test("up to v8 the reset leaves the permissions: the next domain inherits them", () => {
    const scenario = booted({ xen: { version: "v8" } });
    scenario.create("red", 2, "clocked@2000");
    expect(scenario.destroy("red").sent).toEqual([[0x400b, 2, 0]]);
    expect(scenario.permissions).toContainEqual([2, 1]);
  });

  test("dom0 and domids that do not exist are refused, and that is recorded", () => {
    const scenario = booted();
    expect(scenario.destroy(0).the("domain.destroy-refused")).toMatchObject({
      errno: "EINVAL",
      dying: false,
    });
    expect(scenario.destroy(9).the("domain.destroy-refused")).toMatchObject({ errno: "ESRCH", dying: false });
    expect(scenario.destroy("nobody")).toMatchObject({ errno: "ESRCH", events: [] });
  });

  test("a creation that fails at its devices is undone as a destroy", () => {
    const scenario = booted();
    const answer = scenario.create("red", 2, "clocked@2000", "nothing");
    expect(answer).toMatchObject({ errno: "ESRCH", problem: { code: "domain-creation-refused" } });
    expect(answer.types).toEqual([
      "domain.created",
      "smc.forwarded",
      "device.assigned",
      "device.assignment-refused",
      "smc.forwarded",
      "agent.reset",
      "domain.destroyed",
    ]);
    expect(scenario.owners).toContainEqual([2, null]);
    expect(scenario.permissions).toEqual([]);
  });
});

describe("a domain starts again (§3.5)", () => {
  test("restart: released, claimed again under a new domid, devices of its configuration assigned again", () => {
    const scenario = booted();
    scenario.create("red", 2, "clocked@2000");
    scenario.assign("red", "both@4000");
    const answer = scenario.when({ kind: "domain.restart", domain: "red" });
    expect(answer.result).toMatchObject({ domid: 2, name: "red", agentId: 2 });
    expect(answer.the("domain.destroyed").cause).toBe("restart");
    expect(scenario.permissions).toEqual([[2, 1]]);
  });

  test("restart goes on when the destroy fails, and then finds the agent taken", () => {
    const scenario = booted();
    scenario.create("red", 2);
    scenario.fault({ action: "status", value: -3, message: RESET });
    const answer = scenario.when({ kind: "domain.restart", domain: "red" });
    expect(answer.problem).toMatchObject({ code: "domain-restart-refused", errno: "EACCES" });
    expect(answer.the("domain.creation-refused").errno).toBe("EEXIST");
  });

  test.each([
    ["restart", 2, "running"],
    ["coredump-restart", 2, "running"],
    ["destroy", undefined, "destroyed"],
    ["coredump-destroy", undefined, "destroyed"],
    ["preserve", 1, "shutdown"],
    ["soft-reset", 1, "shutdown"],
  ])("on_reboot = %s", (action, domid, state) => {
    const scenario = booted();
    const xlcfg = `name = "red"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\non_reboot = "${action}"\n`;
    scenario.when({ kind: "domain.create", request: { xlcfg } });
    const answer = scenario.when({ kind: "domain.shutdown", domain: "red", reason: "reboot" });
    expect(answer.the("domain.shutdown")).toMatchObject({ reason: "reboot", action });
    expect(answer.result).toMatchObject({ state, ...(domid === undefined ? {} : { domid }) });
    expect(scenario.owners).toContainEqual([2, domid ?? null]);
  });

  test("rename-restart keeps the old domain and its agent: the new one is refused with EEXIST", () => {
    const scenario = booted();
    const xlcfg = `name = "red"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\non_reboot = "rename-restart"\n`;
    scenario.when({ kind: "domain.create", request: { xlcfg } });
    const answer = scenario.when({ kind: "domain.shutdown", domain: "red", reason: "reboot" });
    expect(answer.errno).toBe("EEXIST");
    expect(answer.the("domain.shutdown").renamedTo).toMatch(/^red-\d{8}T\d{4}Z$/);
    expect(scenario.owners).toContainEqual([2, 1]);
  });

  test("rename-restart gives name and uuid to the new domain; the old one is kept under others", () => {
    const scenario = booted();
    const xlcfg = `name = "red"\non_reboot = "rename-restart"\n`;
    const { uuid } = scenario.when({ kind: "domain.create", request: { xlcfg } }).result as { uuid: string };
    const answer = scenario.when({ kind: "domain.shutdown", domain: "red", reason: "reboot" });
    expect(answer.result).toMatchObject({ domid: 2, name: "red", uuid, state: "running" });
    const { newUuid } = answer.the("domain.shutdown");
    expect(newUuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(newUuid).not.toBe(uuid);
  });

  test("a host reboot ends all domains without a message, and clears the firmware's permissions", () => {
    const scenario = booted();
    scenario.create("red", 2, "clocked@2000");
    const answer = scenario.boot("reboot");
    expect(answer.all("domain.destroyed").map(({ cause, relinquish }) => [cause, relinquish])).toEqual([
      ["host-reboot", "none"],
      ["host-reboot", "none"],
    ]);
    expect(answer.sent[0]).toEqual([0x4007, 0xffff_ffff]);
    expect(scenario.permissions).toEqual([]);
    expect(scenario.owners.slice(1)).toEqual([
      [0, 0],
      [2, null],
      [3, null],
    ]);
  });
});
