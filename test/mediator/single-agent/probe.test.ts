import { describe, expect, test } from "vitest";
import { hostView } from "#machine/views/host.ts";
import { funcIdOf, node, PHANDLE, pageOf } from "../../support/scenario.ts";
import { anotherNode, PASSTHROUGH, SingleAgentHost } from "../../support/single-agent.ts";

type HostArguments = ConstructorParameters<typeof SingleAgentHost>;

/** The boot of a host of the single-agent mediator, and what its probe came to. */
function probe(...options: HostArguments) {
  const scenario = new SingleAgentHost(...options);
  const answer = scenario.boot();
  return { scenario, answer, mediator: hostView(scenario.machine.state)?.mediator };
}

const OF_HOST = { agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000" };
const OF_XEN = { agentId: 1, funcId: "0x82000003", shmem: "0x47ff1000" };

describe("a probe that succeeds (§7.2)", () => {
  test("takes the function id of its node, and sends nothing", () => {
    const { answer, scenario, mediator } = probe();
    expect(answer.errno).toBeNull();
    expect(answer.types).toEqual(["host.booted", "mediator.probed", "domain.created"]);
    expect(answer.the("mediator.probed")).toEqual({
      mode: "single-agent",
      node: "/firmware/scmi",
      passthrough: false,
      channels: [{ agentId: 0, funcId: funcIdOf(0), shmem: pageOf(0) }],
    });
    expect(scenario.channels).toEqual([{ ...OF_HOST, owner: 0 }]);
    expect(mediator).toMatchObject({
      mode: "single-agent",
      registered: true,
      probe: { result: "probed", errno: null },
      managementAgent: null,
      passthrough: false,
      node: "/firmware/scmi",
    });
  });

  test.each<[string, boolean]>([
    ["", false],
    ["scmi-smc-passthrough", true],
    ["scmi-smc-passthrough no-scmi-smc-passthrough", false],
    // The name of an older version of the series is an unknown option.
    ["dom0_scmi_smc_passthrough", false],
    ["scmi_smc_passthrough", false],
  ])("Xen started with %j: passthrough %s", (cmdline, passthrough) => {
    expect(probe(cmdline).answer.the("mediator.probed")).toMatchObject({ passthrough });
  });

  test.each([
    ["v4", "dom0_scmi_smc_passthrough"],
    ["v5", "scmi_smc_passthrough"],
    ["v6", "scmi-smc-passthrough"],
  ] as const)("the option of %s is %s, and no other", (version, name) => {
    const names = ["dom0_scmi_smc_passthrough", "scmi_smc_passthrough", "scmi-smc-passthrough"];
    const known = names.filter((cmdline) => {
      const { answer } = probe(cmdline, {}, { xen: { mediator: "single-agent", version, cmdline } });
      const { data } = answer.events.find(({ type }) => type === "mediator.probed") ?? {};
      return (data as { passthrough: boolean }).passthrough;
    });
    expect(known).toEqual([name]);
  });

  test.each<[string, HostArguments[1], object]>([
    ["no shmem: the page is the agent's by the board file", { shmem: undefined }, OF_HOST],
    ["a shmem of nothing is not looked at", { shmem: [99] }, OF_HOST],
    [
      "another page: what the node says",
      { shmem: [PHANDLE.page2] },
      { agentId: 0, funcId: "0x82000002", shmem: "0x47ff2000" },
    ],
    [
      "a function id that the board does not know: no agent's",
      { "arm,smc-id": [0x8200_0099], shmem: undefined },
      { agentId: 0xffff_ffff, funcId: "0x82000099", shmem: "0x0" },
    ],
    ["more cells than one", { "arm,smc-id": [funcIdOf(0), 7] }, OF_HOST],
    ["its compatible in another case", { compatible: "ARM,scmi-SMC" }, OF_HOST],
    ["status ok", { status: "ok" }, OF_HOST],
  ])("with %s", (_, scmi, channel) => {
    const { answer, scenario } = probe("", scmi);
    expect(answer.errno).toBeNull();
    expect(scenario.channels).toEqual([{ ...channel, owner: 0 }]);
  });

  test("at any place of the tree: no container is needed", () => {
    const { scenario } = probe("", { status: "disabled" }, { management: { status: "okay" } });
    expect(scenario.channels).toEqual([{ ...OF_XEN, owner: 0 }]);
  });

  test("a channel that the board file contradicts is a finding, by the path of the node", () => {
    const { scenario } = probe("", { shmem: [PHANDLE.page2] });
    const [finding] = hostView(scenario.machine.state)?.findings ?? [];
    expect(finding).toMatchObject({ kind: "channel-contradicts-firmware", agentId: 0 });
    expect(finding?.message).toContain(
      "/firmware/scmi of the device tree: 0x82000002 goes with the page 0x47ff2000",
    );
  });
});

describe("nodes that the scan passes by without a trace (§2.1)", () => {
  test.each<[string, HostArguments[1]]>([
    ["disabled", { status: "disabled" }],
    ["for a guest", { "xen,passthrough": true }],
    ["not SCMI over SMC", { compatible: "arm,scmi" }],
  ])("%s: there is no mediator, and no domain has SCMI", (_, scmi) => {
    const { answer, scenario, mediator } = probe("", scmi);
    expect(answer.types).toEqual(["host.booted", "domain.created"]);
    expect(answer.errno).toBeNull();
    expect(scenario.channels).toEqual([]);
    expect(mediator).toMatchObject({ registered: false, passthrough: null, probe: { result: "absent" } });
    expect(scenario.ask("drv", "scmi_smc").result).toMatchObject({ agentId: null });
    const smc = scenario.smc("drv", funcIdOf(0));
    expect(smc.the("smc.refused").reason).toBe("no-mediator");
  });
});

describe("a check of the probe that fails (§7.2)", () => {
  const HOST_NODE = "/firmware/scmi";
  test.each<[string, string, number, string, HostArguments]>([
    [
      "ACPI in use",
      "EINVAL",
      2,
      "ACPI is in use",
      ["", {}, { xen: { mediator: "single-agent", acpi: true } }],
    ],
    [
      "SMCCC 1.0",
      "ENOSYS",
      3,
      "SMCCC 1.0 is older than 1.1",
      ["", {}, { xen: { mediator: "single-agent", smccc: "1.0" } }],
    ],
    ["no arm,smc-id", "ENOENT", 4, `${HOST_NODE} has no arm,smc-id`, ["", { "arm,smc-id": undefined }]],
    [
      "a short arm,smc-id",
      "ENOENT",
      4,
      `${HOST_NODE} has no arm,smc-id`,
      ["", { "arm,smc-id": new Uint8Array(3) }],
    ],
  ])("%s: %s", (_, errno, step, message, options) => {
    const { answer, scenario, mediator } = probe(...options);
    expect(answer.errno).toBe(errno);
    expect(answer.the("mediator.probe-failed")).toEqual({
      node: HOST_NODE,
      step,
      errno,
      message,
      listEmptied: false,
    });
    expect(mediator).toMatchObject({ registered: false, probe: { result: "failed", errno, message } });
    expect(scenario.channels).toEqual([]);
    // Boot goes on, dom0 has no SCMI, and whoever asks for it silently gets none.
    expect(answer.all("domain.created")).toMatchObject([{ origin: "dom0", agent: null, channel: null }]);
    expect(scenario.ask("drv", "scmi_smc").result).toMatchObject({
      sciType: "scmi_smc",
      agentId: null,
      state: "running",
    });
    expect(scenario.smc(0, funcIdOf(0)).the("smc.refused").reason).toBe("no-mediator");
  });

  test("the checks in their order: one fault more is mended with each row", () => {
    const xen = (acpi: boolean, smccc: string) => ({
      xen: { mediator: "single-agent" as const, acpi, smccc },
    });
    const noId = { "arm,smc-id": undefined };
    expect(
      [
        probe("", noId, xen(true, "1.0")),
        probe("", noId, xen(false, "1.0")),
        probe("", noId, xen(false, "1.1")),
        probe("", {}, xen(false, "1.1")),
      ].map(({ answer }) => answer.errno),
    ).toEqual(["EINVAL", "ENOSYS", "ENOENT", null]);
  });

  test("a node that fails ends the scan: a good one after it is never probed", () => {
    const { answer, mediator } = probe("", { "arm,smc-id": undefined }, { root: { later: anotherNode() } });
    expect(answer.all("mediator.probe-failed")).toHaveLength(1);
    expect(mediator).toMatchObject({ registered: false });
  });
});

describe("two SCMI nodes (§7.2)", () => {
  test("of a tree made for many agents, the host's comes last: its id is in use, though its probe fails", () => {
    const { answer, scenario, mediator } = probe("", {}, { management: { status: "okay" } });
    expect(answer.errno).toBe("EEXIST");
    expect(answer.the("mediator.probed")).toMatchObject({ node: "/chosen/xen/scmi" });
    expect(answer.the("mediator.probe-failed")).toEqual({
      node: "/firmware/scmi",
      step: 15,
      errno: "EEXIST",
      message: "a mediator is registered already; the function id in use is 0x82000002 of /firmware/scmi now",
      listEmptied: false,
      channel: { agentId: 0, funcId: funcIdOf(0), shmem: pageOf(0) },
    });
    expect(mediator).toMatchObject({ registered: true, node: "/firmware/scmi", probe: { result: "probed" } });
    expect(scenario.channels).toEqual([{ ...OF_HOST, owner: 0 }]);
    expect(scenario.smc(0, funcIdOf(0)).result.handled).toBe(true);
  });

  test("Xen's own last: the owner rings the privileged doorbell, and its own id stops working", () => {
    const { scenario } = probe("", {}, { root: { firmware: hostNode(), xen: anotherNode() } });
    expect(scenario.channels).toEqual([{ ...OF_XEN, owner: 0 }]);
    expect(scenario.smc(0, funcIdOf(0)).the("smc.refused").reason).toBe("foreign-function-id");
    const grant = {
      kind: "scmi",
      domain: 0,
      call: {
        protocol: "base",
        message: "BASE_SET_DEVICE_PERMISSIONS",
        params: { agentId: 0, deviceId: 1, flags: 1 },
      },
    } as const;
    const answer = scenario.when(grant);
    expect(answer.the("smc.forwarded")).toMatchObject({ origin: "domain", caller: 1 });
    expect(answer.result.status).toBe("SUCCESS");
    expect(scenario.permissions).toContainEqual([0, 1]);
  });

  test("a second that fails before its id is read leaves the first's in use", () => {
    const { answer, scenario } = probe("", {}, { root: { later: anotherNode({ "arm,smc-id": undefined }) } });
    expect(answer.errno).toBe("ENOENT");
    expect(answer.the("mediator.probe-failed")).not.toHaveProperty("channel");
    expect(scenario.channels).toEqual([{ ...OF_HOST, owner: 0 }]);
  });

  test("the second ends the scan: a third changes nothing", () => {
    const third = anotherNode({ "arm,smc-id": [funcIdOf(2)] });
    const { scenario } = probe("", {}, { root: { firmware: hostNode(), second: anotherNode(), third } });
    expect(scenario.channels).toEqual([{ ...OF_XEN, owner: 0 }]);
  });

  test("under passthrough the guest that owns SCMI gets the last one's", () => {
    const { scenario } = probe(PASSTHROUGH, {}, { root: { firmware: hostNode(), xen: anotherNode() } });
    expect(scenario.ask("drv", "scmi_smc").result).toMatchObject({ agentId: 1 });
    expect(scenario.channels).toEqual([{ ...OF_XEN, owner: 1 }]);
  });

  test("what is wrong is told, and says what is left", () => {
    const { scenario } = probe("", {}, { management: { status: "okay" } });
    const [finding] = hostView(scenario.machine.state)?.findings ?? [];
    expect(finding).toMatchObject({ kind: "probe-failed" });
    expect(finding?.message).toMatch(/EEXIST.*0x82000002 of \/firmware\/scmi now.*an earlier one registered/);
  });
});

/** /firmware with the host's SCMI node, where `root` is given anew. */
function hostNode() {
  return node({}, { scmi: anotherNode({ "arm,smc-id": [funcIdOf(0)], shmem: [PHANDLE.page0] }) });
}

test("a Xen without any mediator probes nothing", () => {
  const { answer, scenario } = probe("", {}, { xen: { mediator: "none" } });
  expect(answer.types).toEqual(["host.booted", "domain.created"]);
  expect(scenario.channels).toEqual([]);
});
