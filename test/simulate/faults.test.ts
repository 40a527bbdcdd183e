import { beforeAll, describe, expect, test } from "vitest";
import type { HostDescription } from "#config/board/board.ts";
import { pending, type Script, script, types, word } from "../support/script.ts";
import { twoGuests } from "../support/two-guests.ts";

const GPU = "/soc/gpu@20000000";
const I2C = "/soc/i2c@10001000";
const RED = {
  do: "domain.create",
  name: "red",
  sci: { type: "scmi_smc_multiagent", agentId: 2 },
  dtdev: [GPU],
};
const BLUE = { do: "domain.create", name: "blue", sci: { type: "scmi_smc_multiagent", agentId: 3 } };
const GRANT = { do: "permission.set", agentId: 3, deviceId: 0, allowed: true };

let host: HostDescription;
let machine: Script;
beforeAll(async () => {
  host = await twoGuests();
});

function fault(fields: object): void {
  expect(machine.do({ do: "firmware.fault", ...fields })).toMatchObject({ ok: true, result: {}, events: [] });
}

describe("what Xen makes of each fault on its own channel", () => {
  test.each([
    // action, status and errno that Xen reads, whether the firmware did it, whether the channel is stuck after
    [{ action: "status", value: -3 }, "DENIED", "EACCES", false, false],
    [{ action: "status", value: "0xfffffff7" }, "HARDWARE_ERROR", "ENXIO", false, false],
    [{ action: "status", value: 5 }, "5", "EINVAL", false, false],
    [{ action: "status", value: -2147483648 }, "-2147483648", "EINVAL", false, false],
    [{ action: "status", value: 0 }, "SUCCESS", null, false, false],
    [{ action: "x0", value: "0xfffffffffffffffd" }, null, "EINVAL", false, true],
    [{ action: "x0", value: -3 }, null, "EINVAL", false, true],
    [{ action: "x0", value: "0xfffffffd" }, null, "EOPNOTSUPP", false, true],
    [{ action: "x0", value: 1 }, null, "EOPNOTSUPP", false, true],
    [{ action: "busy" }, null, "EBUSY", true, true],
    [{ action: "busy", value: 0, message: null, funcId: null }, null, "EBUSY", true, true],
    // The request is left in place, and its first word is taken for the status: agent 3.
    [{ action: "error" }, "3", "EINVAL", false, false],
    [{ action: "length", value: 3 }, null, "EINVAL", true, false],
    [{ action: "length", value: "0x80000004" }, null, "EINVAL", true, false],
    [{ action: "length", value: 4 }, "SUCCESS", null, true, false],
    [{ action: "pad", value: 4 }, "SUCCESS", "EINVAL", true, false],
    [{ action: "pad", value: "0x100000" }, "SUCCESS", "EINVAL", true, false],
    [{ action: "pad", value: 0 }, "SUCCESS", null, true, false],
  ])("%j", (action, status, errno, isDone, isStuck) => {
    machine = script(host);
    fault({ ...action, times: 1 });
    const answer = machine.do(GRANT);
    expect(answer).toMatchObject({ ok: true, errno, result: { status, errno } });
    expect(answer.permissions.some(([agentId, deviceId]) => agentId === 3 && deviceId === 0)).toBe(isDone);
    const next = machine.do(GRANT);
    expect(next.errno).toBe(isStuck ? "EBUSY" : null);
    expect(types(next)).toEqual([isStuck ? "smc.refused" : "smc.forwarded"]);
  });
});

describe("which fault a ring meets", () => {
  test("the first that matches, and only that one counts down", () => {
    machine = script(host);
    fault({ action: "status", value: -6, message: "BASE_SET_DEVICE_PERMISSIONS", times: 1 });
    fault({ action: "status", value: -8, times: 1 });
    expect(machine.do({ do: "agent.reset", agentId: 2, permissions: true }).errno).toBe("EIO");
    expect(machine.do(GRANT).errno).toBe("EBUSY");
    expect(machine.do(GRANT).errno).toBe(null);
  });

  test("by function id: a guest's channel, not Xen's", () => {
    machine = script(host);
    fault({ action: "status", value: -7, funcId: "0x82000004" });
    expect(machine.do(RED).ok).toBe(true);
    const call = { do: "scmi", domid: 1, protocol: "base", message: "PROTOCOL_VERSION" };
    expect(machine.do(call).result.status).toBe("COMMS_ERROR");
    machine.do({ do: "firmware.clear-faults" });
    expect(machine.do(call).result.status).toBe("SUCCESS");
  });

  test("with a message only one that is pending; without a message any ring", () => {
    machine = script(host);
    fault({ action: "x0", value: 9, message: "PROTOCOL_VERSION" });
    expect(machine.do({ do: "firmware.ring", agentId: 2 }).result.x[0]).toBe("0x0");
    expect(machine.do({ do: "firmware.ring", agentId: 2, shmem: pending(0x4000) }).result.x[0]).toBe("0x9");
    machine.do({ do: "firmware.clear-faults" });
    fault({ action: "x0", value: "0xffffffffffffffff" });
    expect(machine.do({ do: "firmware.ring", agentId: 2 }).result.x[0]).toBe("0xffffffffffffffff");
  });

  test("they outlive a host reboot and firmware.reset, and clear-faults ends them", () => {
    machine = script(host);
    fault({ action: "status", value: -3, message: "BASE_RESET_AGENT_CONFIGURATION" });
    machine.do({ do: "firmware.reset" });
    machine.do({ do: "host.reboot" });
    const reset = { do: "agent.reset", agentId: 2, permissions: true };
    expect(machine.do(reset).errno).toBe("EACCES");
    expect(machine.do({ do: "firmware.clear-faults" }).result).toEqual({});
    expect(machine.do(reset).errno).toBe(null);
  });
});

test("one refused SMC at a teardown is taken for success, and the next teardown is stuck until the host reboots", () => {
  machine = script(host);
  machine.do(RED);
  machine.do(BLUE);
  fault({ action: "x0", value: "0xffffffff", message: "BASE_RESET_AGENT_CONFIGURATION", times: 1 });
  const first = machine.do({ do: "domain.destroy", domid: "red" });
  expect(first).toMatchObject({ ok: true, errno: null });
  expect(first.events.at(-1)).toMatchObject({ type: "domain.destroyed", data: { relinquish: "tolerated" } });
  expect(first.permissions).toContainEqual([2, 1]);

  const second = machine.do({ do: "domain.destroy", domid: "blue" });
  expect(second).toMatchObject({ ok: false, errno: "EBUSY", problem: { code: "domain-destroy-refused" } });
  expect(second.channels[3]).toMatchObject({ agentId: 3, owner: 2 });
  expect(machine.do({ do: "domain.destroy", domid: 2 })).toMatchObject({ ok: false, errno: "EBUSY" });
  expect(machine.do({ ...BLUE, name: "again" })).toMatchObject({ ok: false, errno: "EEXIST" });
  // Agent 2 is free, and whoever gets it inherits the GPU; nothing can be assigned to it any more.
  expect(machine.do({ ...RED, dtdev: [] })).toMatchObject({ ok: true, result: { agentId: 2 } });
  expect(machine.do({ do: "device.assign", domid: "red", path: I2C })).toMatchObject({
    ok: false,
    errno: "EBUSY",
  });

  const rebooted = machine.do({ do: "host.reboot" });
  expect(rebooted.errno).toBe(null);
  expect(rebooted.permissions).not.toContainEqual([2, 1]);
  machine.do(BLUE);
  expect(machine.do({ do: "domain.destroy", domid: "blue" })).toMatchObject({ ok: true });
});

test("HARDWARE_ERROR is mistaken for 'not handled': the device is assigned without a permission", () => {
  machine = script(host);
  fault({ action: "status", value: -9, message: "BASE_SET_DEVICE_PERMISSIONS" });
  const created = machine.do(RED);
  expect(created).toMatchObject({ ok: true, result: { devices: [{ path: GPU, deviceIds: [] }] } });
  expect(created.permissions).not.toContainEqual([2, 1]);
  expect(created.events.at(-1)).toMatchObject({ type: "device.assigned", data: { sci: "ENXIO" } });
});

test("a domain whose agent cannot be reset stays, dying: it keeps its agent and gets permissions that nobody undoes", () => {
  machine = script(host);
  machine.do(RED);
  fault({ action: "status", value: -3, message: "BASE_RESET_AGENT_CONFIGURATION", times: 1 });
  const refused = machine.do({ do: "domain.destroy", domid: 1 });
  expect(refused).toMatchObject({ ok: false, errno: "EACCES", problem: { code: "domain-destroy-refused" } });
  expect(refused.events.at(-1)).toMatchObject({ type: "domain.destroy-refused", data: { dying: true } });
  for (const command of [
    { do: "smc", domid: 1, x: ["0x82000004"] },
    { do: "scmi", domid: 1, protocol: "base", message: 0 },
    { do: "domain.shutdown", domid: 1, reason: "reboot" },
  ]) {
    expect(machine.do(command)).toMatchObject({ ok: false, problem: { code: "domain-dying" }, events: [] });
  }
  const assigned = machine.do({ do: "device.assign", domid: 1, path: I2C });
  expect(assigned).toMatchObject({ ok: false, errno: "EINVAL" });
  expect(assigned.permissions).toContainEqual([2, 0]);
  expect(machine.do({ ...RED, name: "new" })).toMatchObject({ ok: false, errno: "EEXIST" });
  expect(machine.do({ do: "domain.destroy", domid: 1 })).toMatchObject({ ok: true });
  expect(machine.do({ ...RED, name: "new" })).toMatchObject({ ok: true });
});

describe("a restart that fails half-way says which half", () => {
  test("destroy: the dying domain keeps its agent, so the creation fails too", () => {
    machine = script(host);
    machine.do(RED);
    fault({ action: "status", value: -8, message: "BASE_RESET_AGENT_CONFIGURATION", times: 1 });
    const answer = machine.do({ do: "domain.restart", domid: 1 });
    expect(answer).toMatchObject({ ok: false, errno: "EIO", problem: { code: "domain-restart-refused" } });
    expect(answer.problem.detail).toContain("destroy half");
    expect(types(answer)).toContain("domain.creation-refused");
  });

  test("create: the domain is gone, its agent free", () => {
    machine = script(host);
    machine.do(RED);
    fault({ action: "status", value: -3, message: "BASE_SET_DEVICE_PERMISSIONS", times: 1 });
    const answer = machine.do({ do: "domain.restart", domid: 1 });
    expect(answer).toMatchObject({ ok: false, errno: "EACCES", problem: { code: "domain-restart-refused" } });
    expect(answer.problem.detail).toContain("create half");
    expect(answer.channels[2]).toMatchObject({ agentId: 2, owner: null });
    expect(machine.do(RED)).toMatchObject({ ok: true });
  });
});

test("a typed call on a page that is not FREE is refused, and word by word a guest can free it", () => {
  machine = script(host);
  machine.do(RED);
  fault({ action: "busy", funcId: "0x82000004", times: 1 });
  const call = { do: "scmi", domid: 1, protocol: "base", message: "PROTOCOL_VERSION" };
  expect(machine.do(call).result).toMatchObject({ status: null, statusCode: null });
  expect(machine.do(call)).toMatchObject({ ok: false, errno: "EBUSY", problem: { code: "channel-busy" } });
  machine.do({ do: "smc", domid: 1, x: [0], shmem: word(0) + word(1) });
  expect(machine.do(call).result.status).toBe("SUCCESS");
});
