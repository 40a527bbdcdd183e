import { describe, expect, test } from "vitest";
import { Machine } from "#machine/machine.ts";
import { hostView } from "#machine/views/host.ts";
import { sha256 } from "#replay/hash.ts";
import {
  funcIdOf,
  type HostOptions,
  hostWith,
  node,
  PHANDLE,
  rows,
  Scenario,
} from "../../support/scenario.ts";
import { LIST, NODE } from "./failures.ts";
import { expectNoMediator } from "./no-mediator.ts";

describe("nodes that the scan passes by (§2.1)", () => {
  const management = { compatible: "arm,scmi-smc", "arm,smc-id": [funcIdOf(1)], shmem: [PHANDLE.page1] };

  test.each<[string, HostOptions]>([
    ["no container above", { container: { compatible: "xen,config" } }],
    ["a container only beside it", { management: { status: "disabled" }, root: { scmi: node(management) } }],
    ["itself compatible with the container, which is not above it", itself()],
    ["disabled", { management: { status: "disabled" } }],
    ["a status that is no word of these", { management: { status: "reserved" } }],
    ["for a guest", { management: { "xen,passthrough": true } }],
    ["not SCMI over SMC", { management: { compatible: "arm,scmi" } }],
  ])("%s: no trace, no errno, no mediator", (_, options) => {
    const scenario = new Scenario(options);
    const boot = scenario.boot();
    expect(boot.errno).toBeNull();
    expect(boot.types).toEqual(["host.booted", "domain.created"]);
    expect(hostView(scenario.machine.state)).toMatchObject({
      mediator: { registered: false, probe: { result: "absent", errno: null }, node: null },
      findings: [],
    });
    expectNoMediator(scenario, boot.all("domain.created"));
  });

  function itself(): HostOptions {
    const both = { ...management, compatible: "arm,scmi-smc\0xen,sci" };
    return { management: { status: "disabled" }, root: { scmi: node(both) } };
  }

  test.each<[string, object]>([
    ["disabled", { status: "disabled" }],
    ["for a guest", { "xen,passthrough": true }],
    ["without a container", {}],
  ])("one that is %s is no obstacle for the good one after it", (_, props) => {
    const scenario = new Scenario({ beforeXen: { scmi: node({ compatible: "arm,scmi-smc", ...props }) } });
    expect(scenario.boot().errno).toBeNull();
    expect(scenario.channels).toHaveLength(4);
  });
});

describe("where no mediator is registered (§2.6)", () => {
  test.each([
    ["registered, dom0 without an agent", {}, []],
    ["not registered", { xen: { acpi: true } }, ["/firmware/scmi"]],
  ])("dom0 keeps the host's SCMI node: %s", (_, options, claimed) => {
    const scmi = node({ compatible: "arm,scmi-smc", iommus: [PHANDLE.smmu, 5] });
    const scenario = new Scenario({
      container: { "xen,dom0-sci-agent-id": undefined },
      root: { firmware: node({}, { scmi }) },
      ...options,
    });
    const paths = scenario.boot().all("device.assigned");
    expect(paths.map(({ path }) => path)).toEqual(claimed);
  });

  test("a Xen without any mediator refuses every type but none", () => {
    const scenario = new Scenario({
      xen: { mediator: "none" },
      container: { "xen,dom0-sci-agent-id": undefined },
    });
    expect(scenario.boot().types).toEqual(["host.booted", "domain.created"]);
    expect(scenario.create("plain", null).errno).toBeNull();
    for (const type of ["scmi_smc", "scmi_smc_multiagent", "nonsense"]) {
      const request = { name: "red", sci: { type, agentId: 2 }, dtdev: [], passthrough: null, uuid: null };
      expect(scenario.when({ kind: "domain.create", request }).errno).toBe("EINVAL");
    }
  });

  test("a host of the first rules probed without any mediator too", () => {
    const description = hostWith({ xen: { mediator: "none" } });
    const machine = new Machine(sha256);
    const { events } = machine.execute(
      { kind: "host.configure", description, ruleVersion: 1 },
      { commandId: 1, timeUs: 0 },
    );
    expect(events.map(({ type }) => type)).toContain("mediator.probed");
  });
});

describe("two SCMI nodes that qualify (§2.6)", () => {
  const second = (props: object, container: HostOptions["container"] = {}): HostOptions => ({
    inContainer: {
      "scmi-2": node({
        compatible: "arm,scmi-smc",
        "arm,smc-id": [funcIdOf(3)],
        shmem: [PHANDLE.page3],
        phandle: [20],
        ...props,
      }),
    },
    container: { [LIST]: rows([0, 2]), "xen,dom0-sci-agent-id": undefined, ...container },
  });

  test("the second empties the list on its way to EEXIST: registered, and nobody can be claimed", () => {
    const scenario = new Scenario(second({}));
    const boot = scenario.boot();
    expect(boot.errno).toBe("EEXIST");
    expect(boot.the("mediator.probe-failed")).toEqual({
      node: `${NODE}-2`,
      step: 15,
      errno: "EEXIST",
      message: "a mediator is registered already",
      listEmptied: true,
    });
    expect(hostView(scenario.machine.state)?.mediator).toMatchObject({
      registered: true,
      probe: { result: "probed", errno: "EEXIST" },
      node: `${NODE}-2`,
    });
    expect(scenario.channels).toEqual([]);
    expect(scenario.create("red", 2)).toMatchObject({ errno: "ENOENT" });
    expect(scenario.create("plain", null).errno).toBeNull();
    const reset = scenario.when({ kind: "agent.reset", agentId: 2, permissions: true });
    expect(reset.the("smc.refused").reason).toBe("no-management-channel");
  });

  test("with an agent for dom0 that is a panic", () => {
    const scenario = new Scenario(second({}, { "xen,dom0-sci-agent-id": [0] }));
    const boot = scenario.boot();
    expect(boot.errno).toBe("ENOENT");
    expect(boot.the("domain.creation-refused")).toMatchObject({
      origin: "dom0",
      errno: "ENOENT",
      message: "there is no channel of agent 0",
      panic: true,
    });
  });

  test.each<[number, string, object, boolean]>([
    [4, "ENOENT", { "arm,smc-id": undefined }, false],
    [5, "ENOENT", { shmem: undefined }, false],
    [6, "ENOENT", { shmem: [99] }, false],
    [12, "EOPNOTSUPP", { "arm,smc-id": [0x8200_0099] }, true],
    [12, "EBUSY", { shmem: [PHANDLE.page2] }, true],
    [14, "EEXIST", { "arm,smc-id": [funcIdOf(2)], shmem: [PHANDLE.page2] }, true],
  ])("a second that fails at step %i with %s: the first's list is emptied from step 9 on", (...row) => {
    const [step, errno, props, isEmptied] = row;
    const scenario = new Scenario(second(props));
    const boot = scenario.boot();
    expect(boot.errno).toBe(errno);
    expect(boot.the("mediator.probe-failed")).toMatchObject({ step, errno, listEmptied: isEmptied });
    expect(hostView(scenario.machine.state)?.mediator.registered).toBe(true);
    expect(scenario.channels.map(({ agentId }) => agentId)).toEqual(isEmptied ? [] : [1, 0, 2]);
    expect(scenario.create("red", 2).errno).toBe(isEmptied ? "ENOENT" : null);
    const [finding] = hostView(scenario.machine.state)?.findings ?? [];
    expect(finding?.message).toContain(
      isEmptied ? "the channel list is empty now" : "an earlier one registered",
    );
  });

  test("a first that fails ends the scan: the good one after it is never probed", () => {
    const scenario = new Scenario({ ...second({}), management: { shmem: undefined } });
    const boot = scenario.boot();
    expect(boot.all("mediator.probe-failed")).toHaveLength(1);
    expect(boot.all("mediator.probed")).toHaveLength(0);
    expect(scenario.create("red", 2).result).toMatchObject({ agentId: null });
  });
});
