import { expect, test } from "vitest";
import { TestFirmware } from "./support/firmware.ts";
import { resourceBoard } from "./support/resource-board.ts";

/** System power management of `v32`. Agent 0 is trusted, the others are not. The board can do a warm reset, and not suspend. */

const [SHUTDOWN, COLD_RESET, WARM_RESET, POWER_UP, SUSPEND] = [0, 1, 2, 3, 4];

function callsOf(firmware: TestFirmware, agentId = 0) {
  return (message: string, ...payload: number[]) => firmware.call(agentId, "system", message, ...payload);
}

test("what the protocol tells of itself", () => {
  const call = callsOf(new TestFirmware(resourceBoard("v32")), 2);
  expect(call("PROTOCOL_VERSION")).toEqual([0, 0x2_0001]);
  expect(call("PROTOCOL_ATTRIBUTES")).toEqual([0, 0]);
  const attributes = [0, 1, 2, 3, 4, 5, 0x10].map((id) => call("PROTOCOL_MESSAGE_ATTRIBUTES", id));
  expect(attributes).toEqual([[0, 0], [0, 0], [0, 0], [0, 0x8000_0000], [-4 >>> 0], [0, 0], [0, 0]]);
});

test.each([
  [{ warmReset: false, suspend: true }, 0x4000_0000],
  [{ warmReset: true, suspend: true }, 0xc000_0000],
  [null, 0],
])("a board with system power %o", (systemPower, attributes) => {
  const call = callsOf(new TestFirmware(resourceBoard("v32", { systemPower })));
  expect(call("PROTOCOL_MESSAGE_ATTRIBUTES", 0x3)).toEqual([0, attributes]);
  const isWarm = attributes >>> 31 === 1;
  const isSuspending = ((attributes >>> 30) & 1) === 1;
  expect(call("SYSTEM_POWER_STATE_SET", 0, WARM_RESET)).toEqual([isWarm ? 0 : -1 >>> 0]);
  expect(call("SYSTEM_POWER_STATE_SET", 0, SUSPEND)).toEqual([isSuspending ? 0 : -1 >>> 0]);
});

test("the last request is kept, with who asked", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  expect(firmware.state.system.get(0)).toBe(undefined);
  expect(callsOf(firmware)("SYSTEM_POWER_STATE_SET", 1, COLD_RESET)).toEqual([0]);
  expect(firmware.state.system.get(0)).toEqual({ lastAgent: 0, lastFlags: 1, lastState: COLD_RESET });
});

test("agents ask to be told of requests", () => {
  const firmware = new TestFirmware(resourceBoard("v32"));
  expect(callsOf(firmware, 2)("SYSTEM_POWER_STATE_NOTIFY", 1)).toEqual([0]);
  expect(firmware.state.subscription.get(2)).toEqual({ "system.SYSTEM_POWER_STATE_NOTIFY": true });
  expect(callsOf(firmware, 2)("SYSTEM_POWER_STATE_NOTIFY", 0)).toEqual([0]);
  expect(firmware.state.subscription.get(2)).toBe(undefined);
});

test("without notifications, the request for them and what is told of it are NOT_SUPPORTED", () => {
  const firmware = new TestFirmware(resourceBoard("v32", { switches: { notifications: false } }));
  const call = callsOf(firmware);
  expect(call("PROTOCOL_MESSAGE_ATTRIBUTES", 0x5)).toEqual([-1 >>> 0]);
  expect(call("SYSTEM_POWER_STATE_NOTIFY", 0xffff_ffff)).toEqual([-1 >>> 0]);
});

/** Each row of a command makes good one more fault than the row above, and the last succeeds. */
const CHECKS: Readonly<
  Record<string, readonly (readonly [status: string, caller: number, ...payload: number[]])[]>
> = {
  PROTOCOL_VERSION: [
    ["PROTOCOL_ERROR", 2, 0],
    ["SUCCESS", 2],
  ],
  PROTOCOL_ATTRIBUTES: [
    ["PROTOCOL_ERROR", 2, 0],
    ["SUCCESS", 2],
  ],
  PROTOCOL_MESSAGE_ATTRIBUTES: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_FOUND", 2, 0x6],
    ["SUCCESS", 2, 0x5],
  ],
  SYSTEM_POWER_STATE_SET: [
    ["PROTOCOL_ERROR", 2, 0xf],
    ["DENIED", 2, 0xf, 5],
    ["DENIED", 1, 0, SHUTDOWN],
    ["INVALID_PARAMETERS", 0, 0xf, SHUTDOWN],
    ["INVALID_PARAMETERS", 0, 0, 5],
    ["INVALID_PARAMETERS", 0, 0, 0x7fff_ffff],
    ["NOT_SUPPORTED", 0, 0, 0x8000_0000],
    ["NOT_SUPPORTED", 0, 0, POWER_UP],
    ["NOT_SUPPORTED", 0, 0, SUSPEND],
    ["SUCCESS", 0, 1, WARM_RESET],
    ["SUCCESS", 0, 0, SHUTDOWN],
  ],
  // The message is for agents that do not see the whole system, of which there are none.
  SYSTEM_POWER_STATE_GET: [["NOT_SUPPORTED", 0]],
  SYSTEM_POWER_STATE_NOTIFY: [
    ["PROTOCOL_ERROR", 2],
    ["INVALID_PARAMETERS", 2, 2],
    ["SUCCESS", 2, 1],
  ],
  NEGOTIATE_PROTOCOL_VERSION: [
    ["PROTOCOL_ERROR", 2],
    ["NOT_SUPPORTED", 2, 0x1_0000],
    ["SUCCESS", 2, 0x2_0000],
  ],
};

test.each(Object.entries(CHECKS))("checks of %s", (message, rows) => {
  const answers = rows.map(([, caller, ...payload]) =>
    new TestFirmware(resourceBoard("v32")).status(caller, "system", message, ...payload),
  );
  expect(answers).toEqual(rows.map(([status]) => status));
});
