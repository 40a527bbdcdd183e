import { beforeAll, describe, expect, test } from "vitest";
import type { HostDescription } from "#config/board/board.ts";
import { pending, type Script, script, types, word } from "../support/script.ts";
import { twoGuests } from "../support/two-guests.ts";

const RED = { do: "domain.create", name: "red", sci: { type: "scmi_smc_multiagent", agentId: 2 } };
const GPU = "/soc/gpu@20000000";
const I2C = "/soc/i2c@10001000";

let host: HostDescription;
let machine: Script;
beforeAll(async () => {
  host = await twoGuests();
});

describe("a booted machine", () => {
  test("every answer shows the channels in list order, and what the firmware allows", () => {
    machine = script(host);
    const answer = machine.do({ do: "firmware.clear-faults" });
    expect(answer).toEqual({
      ok: true,
      result: {},
      errno: null,
      events: [],
      channels: [
        { agentId: 1, funcId: "0x82000003", shmem: "0x47ff1000", owner: "xen" },
        { agentId: 0, funcId: "0x82000002", shmem: "0x47ff0000", owner: 0 },
        { agentId: 2, funcId: "0x82000004", shmem: "0x47ff2000", owner: null },
        { agentId: 3, funcId: "0x82000005", shmem: "0x47ff3000", owner: null },
      ],
      // The timer is everybody's by default.
      permissions: [
        [0, 2],
        [1, 2],
        [2, 2],
        [3, 2],
      ],
    });
  });

  test("a domain comes, gets its device, and goes", () => {
    machine = script(host);
    const created = machine.do({ ...RED, dtdev: [GPU], reason: "tour" });
    expect(created).toMatchObject({
      ok: true,
      errno: null,
      result: {
        domid: 1,
        name: "red",
        state: "running",
        agentId: 2,
        devices: [{ path: GPU, deviceIds: [1] }],
      },
    });
    expect(types(created)).toEqual(["domain.created", "smc.forwarded", "device.assigned"]);
    expect(created.events[0]).toMatchObject({
      actor: "simulate",
      source: "cli",
      reason: "tour",
      commandId: 2,
    });
    expect(created.permissions).toContainEqual([2, 1]);
    expect(created.channels[2]).toMatchObject({ agentId: 2, owner: 1 });

    const destroyed = machine.do({ do: "domain.destroy", domid: "red" });
    expect(destroyed).toMatchObject({ ok: true, result: { domid: 1, state: "destroyed" } });
    expect(types(destroyed)).toEqual(["smc.forwarded", "agent.reset", "domain.destroyed"]);
    expect(destroyed.permissions).not.toContainEqual([2, 1]);
    expect(destroyed.channels[2]).toMatchObject({ owner: null });
  });

  test("an xl.cfg makes the same domain", () => {
    const xlcfg = 'name = "red"\narm_sci = "type=scmi_smc_multiagent,agent_id=2"\n';
    expect(script(host).do({ do: "domain.create", xlcfg })).toMatchObject({
      ok: true,
      result: { name: "red", agentId: 2 },
    });
  });

  test("a restart gives a new domid, the same uuid, and the devices of the configuration only", () => {
    machine = script(host);
    const { uuid } = machine.do({ ...RED, dtdev: [GPU] }).result;
    machine.do({ do: "device.assign", domid: 1, path: I2C });
    const restarted = machine.do({ do: "domain.restart", domid: "red" });
    expect(restarted.result).toMatchObject({ domid: 2, uuid, devices: [{ path: GPU }] });
    expect(restarted.permissions).not.toContainEqual([2, 0]);
  });

  test("a guest's reboot does what its on_reboot says", () => {
    machine = script(host);
    machine.do(RED);
    const rebooted = machine.do({ do: "domain.shutdown", domid: 1, reason: "reboot" });
    expect(rebooted).toMatchObject({ ok: true, result: { domid: 2, name: "red", state: "running" } });
    expect(types(rebooted)[0]).toBe("domain.shutdown");
    expect(machine.do({ do: "domain.shutdown", domid: "red", reason: "poweroff" }).result).toMatchObject({
      domid: 2,
      state: "destroyed",
    });
  });

  test("an SMC goes to the firmware with its page, and the rest of the page stays", () => {
    machine = script(host);
    machine.do(RED);
    const whole = machine.do({ do: "smc", domid: 1, x: ["0x82000004"], shmem: `${pending(0x4000)}aabb` });
    expect(whole.result).toMatchObject({ handled: true, x: ["0x0", "0x0", "0x0", "0x0"] });
    const { shmem } = whole.result;
    expect(shmem).toHaveLength(256);
    expect(shmem.slice(8, 16)).toBe(word(1));
    expect(shmem.slice(0x14 * 2, 0x24 * 2)).toBe(word(12) + word(0x4000) + word(0) + word(0x20000));
    const untouched = machine.do({ do: "smc", domid: 1, x: [0x82000004] });
    // A page that is FREE holds no message: the firmware says so, and leaves the rest as it was.
    expect(untouched.result.shmem).toBe(`${shmem.slice(0, 8)}${word(3)}${shmem.slice(16)}`);
  });

  test("an SMC that is not the guest's own is nobody's", () => {
    machine = script(host);
    machine.do(RED);
    const answer = machine.do({ do: "smc", domid: 1, x: ["0x82000003", 7, "0x8"] });
    expect(answer).toMatchObject({
      ok: true,
      result: { handled: false, x: ["0xffffffffffffffff", "0x7", "0x8", "0x0"] },
    });
    expect(answer.events).toMatchObject([{ type: "smc.refused", data: { reason: "foreign-function-id" } }]);
  });

  test("a typed call is one whole transfer, by names or numbers, with parameters or a payload", () => {
    machine = script(host);
    machine.do(RED);
    const named = machine.do({
      do: "scmi",
      domid: "red",
      protocol: "clock",
      message: "CLOCK_RATE_GET",
      params: { clockId: 1 },
    });
    expect(named.result).toMatchObject({ status: "SUCCESS", result: { rate: "0x17d78400" } });
    const numbered = machine.do({ do: "scmi", domid: 1, protocol: 0x14, message: 6, payload: word(1) });
    expect(numbered.result.payload).toBe(named.result.payload);
    const denied = machine.do({
      do: "scmi",
      domid: 1,
      protocol: "base",
      message: 9,
      payload: word(2) + word(1) + word(1),
    });
    expect(denied).toMatchObject({ ok: true, result: { status: "DENIED", statusCode: -3 } });
  });

  test("permissions are set and reset on Xen's own channel", () => {
    machine = script(host);
    const given = machine.do({ do: "permission.set", agentId: 3, deviceId: 0, allowed: true });
    expect(given).toMatchObject({ ok: true, errno: null, result: { status: "SUCCESS", errno: null } });
    expect(given.permissions).toContainEqual([3, 0]);
    const reset = machine.do({ do: "agent.reset", agentId: 3, permissions: true });
    expect(reset.permissions).not.toContainEqual([3, 0]);
    const unknown = machine.do({ do: "permission.set", agentId: 3, deviceId: 77, allowed: true });
    expect(unknown).toMatchObject({
      ok: true,
      errno: "ENOENT",
      result: { status: "NOT_FOUND", errno: "ENOENT" },
    });
  });

  test("a host reboot ends the domains and answers with every event of the boot", () => {
    machine = script(host);
    machine.do(RED);
    const rebooted = machine.do({ do: "host.reboot", cause: "crash" });
    expect(rebooted).toMatchObject({ ok: true, errno: null, result: { epoch: 2 } });
    expect(rebooted.result).toMatchObject({
      firstSeq: rebooted.events[0].seq,
      lastSeq: rebooted.events.at(-1).seq,
    });
    expect(types(rebooted).slice(0, 3)).toEqual(["domain.destroyed", "domain.destroyed", "host.booted"]);
    expect(types(rebooted)).toContain("mediator.probed");
    expect(rebooted.channels[2]).toMatchObject({ owner: null });
    expect(machine.do(RED).result.domid).toBe(1);
  });

  test("times and command ids are dense, whatever is refused in between", () => {
    machine = script(host);
    machine.do("no JSON");
    machine.do({ do: "smc", domid: 9, x: [] });
    machine.do({ do: "firmware.ring", agentId: 0 });
    const [event] = machine.do(RED).events;
    expect(event).toMatchObject({ commandId: 2, seq: expect.any(Number) });
    const [next] = machine.do({ do: "domain.destroy", domid: 1 }).events;
    expect(next).toMatchObject({ commandId: 3, seq: event.seq + 1 });
  });
});

describe("refusals carry errno, and the seq of the event that recorded them", () => {
  test.each([
    ["an agent that is held", { ...RED, name: "two" }, "domain-creation-refused", "EEXIST"],
    [
      "an agent that nobody knows",
      { ...RED, name: "two", sci: { type: "scmi_smc_multiagent", agentId: 200 } },
      "domain-creation-refused",
      "ENOENT",
    ],
    [
      "the single-agent type",
      { ...RED, name: "two", sci: { type: "scmi_smc" } },
      "domain-creation-refused",
      "EINVAL",
    ],
    ["a name in use", { ...RED, sci: { type: "none" } }, "domain-creation-refused", "EINVAL"],
    [
      "an xl.cfg that xl refuses",
      { do: "domain.create", xlcfg: "name = red" },
      "domain-creation-refused",
      "EINVAL",
    ],
    ["a domain that does not exist", { do: "domain.destroy", domid: 77 }, "domain-not-found", "ESRCH"],
    ["dom0's own end", { do: "domain.destroy", domid: 0 }, "domain-destroy-refused", "EINVAL"],
    [
      "a path that does not exist",
      { do: "device.assign", domid: 1, path: "/soc/none" },
      "device-assignment-refused",
      "ESRCH",
    ],
  ])("%s", (_, command, code, errno) => {
    machine = script(host);
    machine.do(RED);
    const answer = machine.do(command);
    expect(answer).toMatchObject({ ok: false, errno, problem: { code, errno } });
    expect(answer.problem.seq).toBe(answer.events.at(-1).seq);
  });

  test("a name that nobody has is refused without an event", () => {
    const answer = script(host).do({ do: "smc", domid: "green", x: [] });
    expect(answer).toMatchObject({ ok: false, problem: { code: "domain-not-found" }, events: [] });
  });
});

describe("lines that are no commands are answered, and the script goes on", () => {
  test.each([
    ["{", "the line is not JSON"],
    ["[]", "the line: found a list of 0, allowed is an object with the field do"],
    ["null", "allowed is an object with the field do"],
    ["{}", "do: found nothing"],
    ['{"do":"domain.creat"}', "did you mean domain.create?"],
    ['{"do":"toString"}', "do: found"],
    ['{"do":"domain.create","name":"x"}', "sci: found nothing"],
    [
      '{"do":"domain.create","name":"x","sci":{"type":"bogus"}}',
      'sci.type: found "bogus", allowed is none, scmi_smc, scmi_smc_multiagent',
    ],
    [
      '{"do":"domain.create","name":"x","sci":{"type":"none","agentId":256}}',
      "sci.agentId: found 256, allowed is a whole number from 0 to 255",
    ],
    ['{"do":"domain.create","xlcfg":5}', "xlcfg: found 5"],
    ['{"do":"domain.destroy"}', "domid: found nothing, allowed is a domid, or a domain's name or uuid"],
    ['{"do":"domain.destroy","domid":1,"force":true}', "force: is not a field here"],
    ['{"do":"smc","domid":1,"x":["82000004"]}', 'x[0]: found "82000004", allowed is hex text'],
    [
      '{"do":"smc","domid":1,"x":[1,2,3,4,5,6,7,8,9]}',
      "x: found a list of 9, allowed is a list of up to 8 registers",
    ],
    ['{"do":"smc","domid":1,"x":[-1]}', "x[0]: found -1"],
    ['{"do":"smc","domid":1,"x":["0x10000000000000000"]}', "x[0]: found"],
    [
      '{"do":"smc","domid":1,"x":[],"shmem":"abc"}',
      'shmem: found "abc", allowed is hex text of at most 4096 bytes',
    ],
    [
      '{"do":"scmi","domid":1,"protocol":"base","message":1,"params":{},"payload":""}',
      "one of params and payload",
    ],
    ['{"do":"host.reboot","cause":"bored"}', "cause: found"],
    ['{"do":"firmware.fault","action":"sleep"}', "action: found"],
    ['{"do":"firmware.fault","action":"status"}', "value: found nothing"],
    ['{"do":"firmware.fault","action":"busy","until":1}', "until: is not a field here"],
    ['{"do":"firmware.fault","action":"x0","value":"0x1ffffffffffffffff"}', "value: found"],
    ['{"do":"firmware.fault","action":"status","value":4294967296}', "value: found 4294967296"],
    ['{"do":"firmware.fault","action":"busy","message":"NO_SUCH"}', 'message: found "NO_SUCH"'],
    ['{"do":"firmware.fault","action":"busy","times":0}', "times: found 0"],
    ['{"do":"firmware.ring","agentId":"0"}', "agentId: found"],
  ])("%s", (line, detail) => {
    machine = script(host);
    const answer = machine.do(line);
    expect(answer).toMatchObject({
      ok: false,
      errno: null,
      events: [],
      problem: { code: "request-invalid" },
    });
    expect(answer.problem.detail).toContain(detail);
    expect(answer.channels).toHaveLength(4);
    expect(machine.do(RED).ok).toBe(true);
  });

  test("a page of 4096 bytes is taken, one byte more is not", () => {
    machine = script(host);
    machine.do(RED);
    expect(machine.do({ do: "smc", domid: 1, x: ["0x82000004"], shmem: "00".repeat(4096) }).ok).toBe(true);
    expect(machine.do({ do: "smc", domid: 1, x: ["0x82000004"], shmem: "00".repeat(4097) }).ok).toBe(false);
  });

  test("messages and parameters that SCMI does not know", () => {
    machine = script(host);
    machine.do(RED);
    const message = machine.do({ do: "scmi", domid: 1, protocol: "clock", message: "NOPE" });
    expect(message).toMatchObject({ ok: false, problem: { code: "scmi-unknown-message" } });
    const params = machine.do({ do: "scmi", domid: 1, protocol: "clock", message: "CLOCK_RATE_GET" });
    expect(params).toMatchObject({ ok: false, problem: { code: "scmi-invalid-params" } });
  });
});
