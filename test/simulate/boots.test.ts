import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { Simulation } from "#simulate/simulation.ts";
import { hostWith } from "../support/scenario.ts";
import { pending, script, types, word } from "../support/script.ts";
import { singleAgent } from "../support/single-agent.ts";
import { twoGuests } from "../support/two-guests.ts";

const RED = { do: "domain.create", name: "red", sci: { type: "scmi_smc_multiagent", agentId: 2 } };
const REBOOT = { do: "host.reboot" };
const NO_SUPPORT = {
  discoverAgent: true,
  setDevicePermissions: true,
  setProtocolPermissions: false,
  resetAgentConfiguration: true,
};

describe("a probe that fails", () => {
  test("leaves a host that boots on, and guests that silently get no SCMI", async () => {
    const machine = script(await twoGuests({ supports: { ...NO_SUPPORT, discoverAgent: false } }));
    const answer = machine.do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: "EOPNOTSUPP", channels: [] });
    expect(types(answer)).toContain("mediator.probe-failed");
    expect(machine.do(RED)).toMatchObject({ ok: true, result: { agentId: null } });
    const smc = machine.do({ do: "smc", domid: 1, x: ["0x82000004"] });
    expect(smc.events).toMatchObject([{ type: "smc.refused", data: { reason: "no-mediator" } }]);
  });

  test.each([
    ["an SMCCC that is too old", { smccc: "1.0" }, "ENOSYS"],
    ["ACPI", { acpi: true }, "EINVAL"],
  ])("%s", async (_, xen, errno) => {
    const answer = script(await twoGuests({}, xen)).do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno, channels: [] });
  });

  test.each([
    ["-3 in all 64 bits", { action: "x0", value: "0xfffffffffffffffd" }, "EINVAL"],
    ["-3 in the low 32 bits", { action: "x0", value: "0xfffffffd" }, "EOPNOTSUPP"],
    ["DENIED", { action: "status", value: -3 }, "EACCES"],
    ["a page left busy", { action: "busy" }, "EBUSY"],
  ])("a fault at boot: %s", async (_, fault, errno) => {
    const machine = script(await twoGuests(), "power-on");
    machine.do({ do: "firmware.fault", ...fault, message: "BASE_DISCOVER_AGENT", funcId: "0x82000003" });
    const failed = machine.do(REBOOT);
    expect(failed).toMatchObject({ ok: true, errno, channels: [], result: { epoch: 1 } });
    expect(failed.events.find(({ type }) => type === "mediator.probe-failed").data).toMatchObject({
      errno,
      step: 12,
    });
    machine.do({ do: "firmware.clear-faults" });
    expect(machine.do(REBOOT)).toMatchObject({ errno: null, result: { epoch: 2 } });
  });
});

describe("a boot of the single-agent mediator", () => {
  test("dom0 owns the one channel of the table", () => {
    const answer = script(hostWith(singleAgent()), "power-on").do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: null });
    expect(answer.channels).toEqual([{ agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000", owner: 0 }]);
  });

  test.each([
    ["ACPI", { acpi: true }, "EINVAL"],
    ["an SMCCC that is too old", { smccc: "1.0" }, "ENOSYS"],
  ])("%s: it goes on, and guests that ask silently get no SCMI", (_, xen, errno) => {
    const options = { xen: { mediator: "single-agent", ...xen } } as const;
    const machine = script(hostWith(singleAgent("", {}, options)), "power-on");
    expect(machine.do(REBOOT)).toMatchObject({ ok: true, errno, channels: [], result: { epoch: 1 } });
    const asking = { do: "domain.create", name: "drv", sci: { type: "scmi_smc" } };
    expect(machine.do(asking)).toMatchObject({ ok: true, result: { agentId: null } });
  });

  test("with two SCMI nodes the second's function id is the one in use, although its probe fails", () => {
    const host = hostWith(singleAgent("", {}, { management: { status: "okay" } }));
    const answer = script(host, "power-on").do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: "EEXIST" });
    const channel = { agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000" };
    expect(answer.channels).toEqual([{ ...channel, owner: 0 }]);
    const failed = answer.events.find(({ type }) => type === "mediator.probe-failed");
    expect(failed.data).toMatchObject({ step: 15, errno: "EEXIST", channel });
  });

  test("an agent for dom0 in the tree is a panic", () => {
    const host = hostWith(singleAgent("", {}, { container: { "xen,dom0-sci-agent-id": [0] } }));
    const answer = script(host, "power-on").do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: "EINVAL" });
    expect(answer.channels).toMatchObject([{ owner: null }]);
  });
});

describe("a panic", () => {
  test("of dom0's devices ends the boot; until the next nothing but a reboot and the firmware is there", async () => {
    const machine = script(await twoGuests({ supports: { ...NO_SUPPORT, setDevicePermissions: false } }));
    const answer = machine.do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: "EOPNOTSUPP" });
    expect(answer.events.at(-1)).toMatchObject({
      type: "device.assignment-refused",
      domid: 0,
      data: { errno: "EOPNOTSUPP", panic: true },
    });
    for (const command of [
      RED,
      { do: "domain.destroy", domid: 0 },
      { do: "smc", domid: 0, x: [] },
      { do: "scmi", domid: 0, protocol: "base", message: 0 },
      { do: "device.assign", domid: 0, path: "/" },
      { do: "agent.reset", agentId: 2, permissions: true },
      { do: "permission.set", agentId: 2, deviceId: 0, allowed: true },
    ]) {
      expect(machine.do(command)).toMatchObject({
        ok: false,
        problem: { code: "host-panicked" },
        events: [],
      });
    }
    expect(machine.do({ do: "firmware.ring", agentId: 0, shmem: pending(0x4000) }).ok).toBe(true);
    expect(machine.do({ do: "firmware.reset" })).toMatchObject({ ok: true, result: {} });
  });

  test("of dom0's own agent shows as a refused creation, and a board that is mended by a fault's end boots", async () => {
    const machine = script(await twoGuests(), "power-on");
    // An answer without an agent id leaves the channel's at "own": dom0's agent 0 is then nobody's channel.
    machine.do({
      do: "firmware.fault",
      action: "length",
      value: 8,
      message: "BASE_DISCOVER_AGENT",
      funcId: "0x82000002",
    });
    const answer = machine.do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: "ENOENT" });
    expect(answer.events.at(-1)).toMatchObject({
      type: "domain.creation-refused",
      data: { errno: "ENOENT", origin: "dom0", panic: true },
    });
    expect(machine.do(RED).problem.code).toBe("host-panicked");
    machine.do({ do: "firmware.clear-faults" });
    expect(machine.do(REBOOT).errno).toBe(null);
    expect(machine.do(RED).ok).toBe(true);
  });
});

describe("with the firmware up and Xen not booted", () => {
  test("the firmware answers, and everything of Xen's is refused", async () => {
    const machine = script(await twoGuests(), "power-on");
    expect(machine.do(RED)).toMatchObject({
      ok: false,
      problem: { code: "host-not-booted" },
      channels: [],
      events: [],
      permissions: [
        [0, 2],
        [1, 2],
        [2, 2],
        [3, 2],
      ],
    });
    const rung = machine.do({ do: "firmware.ring", agentId: 2, shmem: pending(0x4007, word(0xffff_ffff)) });
    expect(rung).toMatchObject({ ok: true, events: [], result: { x: ["0x0", "0x0", "0x0", "0x0"] } });
    // Agent 2, by the name of the board file.
    expect(rung.result.shmem.slice(0x1c * 2, 0x2a * 2)).toBe(`${word(0)}${word(2)}726564000000`);
  });

  test("the trusted agent gives permissions, firmware.reset takes them back, agents are looked up", async () => {
    const machine = script(await twoGuests(), "power-on");
    const grant = pending(0x4009, word(2) + word(1) + word(1));
    expect(machine.do({ do: "firmware.ring", agentId: 2, shmem: grant }).permissions).not.toContainEqual([
      2, 1,
    ]);
    expect(machine.do({ do: "firmware.ring", agentId: 1, shmem: grant }).permissions).toContainEqual([2, 1]);
    const reset = machine.do({ do: "firmware.reset" });
    expect(reset).toMatchObject({ ok: true, result: {}, events: [] });
    expect(reset.permissions).not.toContainEqual([2, 1]);
    expect(machine.do({ do: "firmware.ring", agentId: 200 })).toMatchObject({
      ok: false,
      problem: { code: "agent-not-found" },
    });
  });

  test("without a page the ring finds what was left there", async () => {
    const machine = script(await twoGuests(), "power-on");
    const first = machine.do({ do: "firmware.ring", agentId: 0, shmem: pending(0x4000) }).result;
    const again = machine.do({ do: "firmware.ring", agentId: 0 }).result;
    expect(again.shmem.slice(16)).toBe(first.shmem.slice(16));
    expect(again.shmem.slice(8, 16)).toBe(word(3));
  });

  test("host.reboot boots it", async () => {
    const machine = script(await twoGuests(), "power-on");
    const answer = machine.do(REBOOT);
    expect(answer).toMatchObject({ ok: true, errno: null, result: { epoch: 1 } });
    expect(types(answer)[0]).toBe("host.booted");
    expect(machine.do(RED).ok).toBe(true);
  });
});

test("a board that this program cannot run is refused before anything is played", async () => {
  const host = await twoGuests();
  const refused = Simulation.of({ ...host, deviceTree: new Uint8Array(64) }, "booted", "test");
  expect(isProblem(refused) && refused.code).toBe("device-tree-invalid");
});

test("autostart domains are there, and one that fails is the next one's good", async () => {
  const host = await twoGuests();
  const machine = script({
    ...host,
    autostart: [
      { file: "bad.cfg", text: "name = " },
      { file: "red.cfg", text: 'name = "red"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\n' },
    ],
  });
  const answer = machine.do(REBOOT);
  expect(types(answer).slice(-2)).toEqual(["domain.creation-refused", "domain.created"]);
  expect(answer.channels[2]).toMatchObject({ agentId: 2, owner: 1 });
});
