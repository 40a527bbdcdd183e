import { expect, test } from "vitest";
import { packHeader } from "#scmi/header.ts";
import { agents, fullBoard } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

/** What an agent asked to be told of, by name. */
function wishes({ state }: TestFirmware, agentId: number): string[] {
  return Object.keys(state.subscription.get(agentId) ?? {}).sort();
}

test("a wish is kept for each agent, command and resource, until the agent takes it back", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  firmware.status(1, "power", "POWER_STATE_NOTIFY", 1, 1);
  firmware.status(1, "clock", "CLOCK_RATE_NOTIFY", 0, 1);
  firmware.status(1, "clock", "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY", 0, 1);
  firmware.status(2, "reset", "RESET_NOTIFY", 3, 1);
  firmware.status(2, "base", "BASE_NOTIFY_ERRORS", 1);
  expect(wishes(firmware, 1)).toEqual([
    "clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY.0",
    "clock.CLOCK_RATE_NOTIFY.0",
    "power.POWER_STATE_NOTIFY.1",
  ]);
  expect(wishes(firmware, 2)).toEqual(["base.BASE_NOTIFY_ERRORS", "reset.RESET_NOTIFY.3"]);

  firmware.status(1, "clock", "CLOCK_RATE_NOTIFY", 0, 0);
  firmware.status(2, "base", "BASE_NOTIFY_ERRORS", 0);
  firmware.status(2, "reset", "RESET_NOTIFY", 3, 0);
  expect(wishes(firmware, 1)).toEqual([
    "clock.CLOCK_RATE_CHANGE_REQUESTED_NOTIFY.0",
    "power.POWER_STATE_NOTIFY.1",
  ]);
  expect(firmware.state.subscription.has(2)).toBe(false);
});

test("asking twice, or for what is refused, changes nothing", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  const ask = (agentId: number, id: number, enable: number) =>
    firmware.send(agentId, { header: packHeader(0x14, 0x9), payload: [id, enable] }).effects.length;
  expect([ask(1, 0, 1), ask(1, 0, 1), ask(1, 0, 0), ask(1, 0, 0)]).toEqual([1, 0, 1, 0]);
  // Denied, unknown, with reserved bits.
  expect([ask(2, 0, 1), ask(1, 9, 1), ask(1, 0, 3)]).toEqual([0, 0, 0]);
});

test("without notifications nothing is announced, and asking for them is not supported", () => {
  const firmware = new TestFirmware(fullBoard("v32", { switches: { notifications: false } }));
  expect(firmware.call(1, "power", "POWER_DOMAIN_ATTRIBUTES", 1)[1]).toBe(0x2000_0000);
  expect(firmware.call(1, "clock", "CLOCK_ATTRIBUTES", 0)[1]).toBe(0);
  expect(firmware.call(1, "reset", "RESET_DOMAIN_ATTRIBUTES", 0)[1]).toBe(0);
  expect(firmware.status(1, "power", "POWER_STATE_NOTIFY", 1, 0xf)).toBe("INVALID_PARAMETERS");
  expect(firmware.status(1, "power", "POWER_STATE_NOTIFY", 1, 1)).toBe("NOT_SUPPORTED");
});

test("a negotiated version is kept for the agent and protocol, and the newest is still told", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  expect(firmware.status(1, "power", "NEGOTIATE_PROTOCOL_VERSION", 0x3_0000)).toBe("SUCCESS");
  expect(firmware.status(2, "power", "NEGOTIATE_PROTOCOL_VERSION", 0x2_0000)).toBe("NOT_SUPPORTED");
  expect(firmware.state.negotiated.ids()).toEqual([1]);
  expect(firmware.state.negotiated.get(1)).toEqual({ power: 0x3_0000 });
  expect(firmware.call(1, "power", "PROTOCOL_VERSION")).toEqual([0, 0x3_0001]);
  expect(firmware.status(1, "power", "NEGOTIATE_PROTOCOL_VERSION", 0x3_0001)).toBe("SUCCESS");
  expect(firmware.state.negotiated.size).toBe(0);
});

test("resetting an agent, with either flag, forgets what it asked for and chose to speak, and nobody else's", () => {
  for (const flags of [0, 1]) {
    const firmware = new TestFirmware(fullBoard("v32", { agents: agents(3) }));
    for (const agentId of [1, 2]) {
      firmware.status(agentId, "clock", "CLOCK_RATE_NOTIFY", 1, 1);
      firmware.status(agentId, "power", "NEGOTIATE_PROTOCOL_VERSION", 0x3_0000);
    }
    expect(firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, flags)).toBe("SUCCESS");
    expect(firmware.state.subscription.ids()).toEqual([2]);
    expect(firmware.state.negotiated.ids()).toEqual([2]);
  }
});
