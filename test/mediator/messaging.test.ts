import { describe, expect, test } from "vitest";
import type { Fault } from "#firmware/faults/faults.ts";
import { errnoOfStatus } from "#mediator/messaging.ts";
import { booted, type Scenario } from "../support/scenario.ts";

const RESET = "BASE_RESET_AGENT_CONFIGURATION";

/** Xen asks for an agent's reset, with this fault. */
function reset(fault: Fault, scenario: Scenario = booted()) {
  scenario.fault({ ...fault, message: RESET }, 1);
  return scenario.when({ kind: "agent.reset", agentId: 2, permissions: true });
}

describe("what Xen writes into its page (§6.1, §6.2)", () => {
  test("status 0, flags 0, length, header, payload; and x1 to x7 are 0", () => {
    const answer = booted().when({ kind: "permission.set", agentId: 2, deviceId: 1, allowed: true });
    const { writes, x } = answer.the("smc.forwarded");
    expect(x).toEqual([0x8200_0003n, 0n, 0n, 0n, 0n, 0n, 0n, 0n]);
    expect(writes.map(({ offset, bytes }) => [offset, Buffer.from(bytes).toString("hex")])).toEqual([
      [0x04, "00000000"],
      [0x10, "000000001000000009400000020000000100000001000000"],
    ]);
  });

  test("mapping a page writes FREE into it, with the first message on it", () => {
    const scenario = booted();
    const [discover, attributes] = scenario.boot("reboot").all("smc.forwarded");
    expect(discover?.request?.header).toBe(0x4007);
    expect(attributes?.request?.header).toBe(0x4001);
  });
});

describe("sending (§6.2)", () => {
  test.each<[string, Fault, string | null]>([
    ["-3 in 64 bits", { action: "x0", value: 0xffff_ffff_ffff_fffdn }, "EINVAL"],
    ["-3 zero-extended from 32 bits", { action: "x0", value: 0xffff_fffdn }, "EOPNOTSUPP"],
    ["-1", { action: "x0", value: 0xffff_ffff_ffff_ffffn }, "EOPNOTSUPP"],
    ["1", { action: "x0", value: 1n }, "EOPNOTSUPP"],
    ["0, with nothing done: the page is still not FREE", { action: "x0", value: 0n }, "EBUSY"],
  ])("x0 is %s: %s", (_, fault, errno) => {
    expect(reset(fault).errno).toBe(errno);
  });
});

describe("receiving (§6.3), in the order of its checks", () => {
  test.each<[string, Fault, string | null]>([
    ["a page that is not FREE", { action: "busy" }, "EBUSY"],
    [
      "FREE and ERROR, the request left in place: its first word is taken as the status",
      { action: "error" },
      "EINVAL",
    ],
    ["length 3", { action: "length", value: 3 }, "EINVAL"],
    ["length 4: no payload, and the status is what lies there", { action: "length", value: 4 }, null],
    ["length 7", { action: "length", value: 7 }, null],
    ["length 8", { action: "length", value: 8 }, null],
    ["length 9: a payload where none is expected", { action: "length", value: 9 }, "EINVAL"],
    ["length 0x80000003", { action: "length", value: 0x8000_0003 }, "EINVAL"],
    ["length 0x80000004", { action: "length", value: 0x8000_0004 }, "EINVAL"],
    ["length 0xffffffff", { action: "length", value: 0xffff_ffff }, "EINVAL"],
    ["a reply with payload", { action: "pad", value: 4 }, "EINVAL"],
  ])("%s", (_, fault, errno) => {
    expect(reset(fault).errno).toBe(errno);
  });

  test("a status wins over a payload that is too long", () => {
    const scenario = booted();
    scenario.fault({ action: "status", value: -3, message: RESET }, 1);
    expect(scenario.when({ kind: "agent.reset", agentId: 2, permissions: true })).toMatchObject({
      errno: "EACCES",
      result: { status: "DENIED" },
    });
  });
});

describe("sticky busy", () => {
  test.each<Fault>([
    { action: "x0", value: 1n },
    { action: "x0", value: 0xffff_ffff_ffff_fffdn },
    { action: "busy" },
  ])("after %o every later message is EBUSY, until the host reboots", (fault) => {
    const scenario = booted();
    reset(fault, scenario);
    for (let i = 0; i < 2; i += 1) {
      const answer = scenario.when({ kind: "permission.set", agentId: 2, deviceId: 1, allowed: true });
      expect(answer).toMatchObject({ errno: "EBUSY", types: ["smc.refused"] });
    }
    scenario.boot("reboot");
    expect(
      scenario.when({ kind: "permission.set", agentId: 2, deviceId: 1, allowed: true }).errno,
    ).toBeNull();
  });

  test.each<Fault>([{ action: "error" }, { action: "length", value: 3 }, { action: "status", value: -3 }])(
    "%o leaves the page FREE",
    (fault) => {
      const scenario = booted();
      reset(fault, scenario);
      expect(scenario.when({ kind: "agent.reset", agentId: 2, permissions: true }).errno).toBeNull();
    },
  );
});

test("SCMI status to errno (§6.4)", () => {
  const table = [
    [0, null],
    [-1, "EOPNOTSUPP"],
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
    [-128, "EINVAL"],
    [1, "EINVAL"],
    [0x7fff_ffff, "EINVAL"],
  ] as const;
  expect(table.map(([status]) => [status, errnoOfStatus(status)])).toEqual(table);
});

test("without a mediator, or with an emptied channel list, Xen has no channel: EINVAL", () => {
  const answer = booted({ xen: { acpi: true } }).when({ kind: "agent.reset", agentId: 2, permissions: true });
  expect(answer.errno).toBe("EINVAL");
  expect(answer.the("smc.refused").reason).toBe("no-management-channel");
});
