import { describe, expect, test } from "vitest";
import { agents, board, clock, powerDomain } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

const ON = 0;
const OFF = 0x4000_0000;

/** Profile v32, where every agent may do everything: 0 is trusted. */
function firmwareOf(more: Parameters<typeof board>[1] = {}) {
  const firmware = new TestFirmware(
    board("v32", {
      agents: agents(4),
      clocks: [clock(0, "off-at-boot"), clock(1, "on-at-boot", { enabled: true })],
      powerDomains: [
        powerDomain(0, "always", { alwaysOn: true }),
        powerDomain(1, "parent"),
        powerDomain(2, "child", { parent: 1 }),
        powerDomain(3, "on-at-boot", { initial: "on" }),
      ],
      resets: [{ id: 0, name: "line" }],
      ...more,
    }),
  );
  const { state } = firmware;
  return {
    state,
    clock: (agentId: number, id: number, on: boolean) =>
      firmware.status(agentId, "clock", "CLOCK_CONFIG_SET", id, on ? 1 : 0),
    power: (agentId: number, id: number, word: number) =>
      firmware.status(agentId, "power", "POWER_STATE_SET", 0, id, word),
    assert: (agentId: number, flags: number) => firmware.status(agentId, "reset", "RESET", 0, flags, 0),
    reset: (agentId: number, flags = 0) =>
      firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", agentId, flags),
    runs: () => state.clock.ids().map((id) => state.clock.at(id).enabled),
    isOn: () => state.powerDomain.ids().map((id) => state.powerDomain.at(id).on),
  };
}

describe("clocks", () => {
  test("one runs while any agent holds it", () => {
    const { clock, runs } = firmwareOf();
    clock(1, 0, true);
    clock(2, 0, true);
    clock(1, 0, false);
    expect(runs()).toEqual([true, true]);
    clock(2, 0, false);
    expect(runs()).toEqual([false, true]);
  });

  test("asking twice holds once", () => {
    const { clock, runs } = firmwareOf();
    clock(1, 0, true);
    clock(1, 0, true);
    clock(1, 0, false);
    expect(runs()).toEqual([false, true]);
  });

  test("what runs at power-on is the platform's own, until an agent says something of it", () => {
    const { clock, runs, state } = firmwareOf();
    expect(state.clockVote.get(1)).toEqual({ boot: true });
    clock(1, 1, false);
    expect(runs()).toEqual([false, false]);
    expect(state.clockVote.get(1)).toEqual({ 1: false });
  });

  test("a fixed clock is nobody's", () => {
    const { clock: set, state } = firmwareOf({ clocks: [clock(0, "core", { fixed: true, enabled: true })] });
    expect(set(1, 0, false)).toBe("SUCCESS");
    expect(state.clockVote.get(0)).toEqual({ boot: true });
  });

  test("a reset takes back what the agent holds, with either flag, and no more", () => {
    for (const flags of [0, 1]) {
      const { clock, reset, runs, state } = firmwareOf();
      clock(1, 0, true);
      clock(2, 0, true);
      clock(2, 1, false);
      expect(reset(1, flags)).toBe("SUCCESS");
      expect(runs()).toEqual([true, false]);
      // Nobody says anything of the second clock any more: it is as at power-on.
      reset(2, flags);
      expect(runs()).toEqual([false, true]);
      expect(state.clockVote.get(1)).toEqual({ boot: true });
    }
  });

  test("the rate is not held: it stays as the agent left it", () => {
    const config = clock(0, "pll", { rates: [1, 2], rate: 1 });
    const firmware = new TestFirmware(board("v32", { clocks: [config] }));
    firmware.status(1, "clock", "CLOCK_RATE_SET", 0, 0, 2, 0);
    firmware.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 1);
    expect(firmware.state.clock.at(0).rate).toBe(2);
  });
});

describe("power domains", () => {
  test("one is on while any agent holds it, and its parents with it", () => {
    const { power, isOn } = firmwareOf();
    power(1, 2, ON);
    power(2, 2, ON);
    power(1, 2, OFF);
    expect(isOn()).toEqual([true, true, true, true]);
    power(2, 2, OFF);
    expect(isOn()).toEqual([true, false, false, true]);
  });

  test("a parent that an agent holds itself outlives its children", () => {
    const { power, isOn } = firmwareOf();
    power(1, 1, ON);
    power(2, 2, ON);
    power(2, 2, OFF);
    expect(isOn()).toEqual([true, true, false, true]);
    power(1, 1, OFF);
    expect(isOn()).toEqual([true, false, false, true]);
  });

  test("a child keeps its parent on, whatever is asked of that", () => {
    const { power, isOn } = firmwareOf();
    power(1, 2, ON);
    expect(power(1, 1, OFF)).toBe("SUCCESS");
    expect(isOn()).toEqual([true, true, true, true]);
  });

  test("what is on at power-on is the platform's own, until an agent says something of it; always on is for ever", () => {
    const { power, isOn, state } = firmwareOf();
    expect([state.powerVote.get(0), state.powerVote.get(3)]).toEqual([{ boot: 3 }, { boot: 3 }]);
    power(1, 3, OFF);
    power(1, 0, OFF);
    expect(isOn()).toEqual([true, false, false, false]);
    expect([state.powerVote.get(0), state.powerVote.get(3)]).toEqual([{ 1: 0, boot: 3 }, { 1: 0 }]);
  });

  test("a reset takes back what the agent holds", () => {
    const { power, reset, isOn } = firmwareOf();
    power(1, 2, ON);
    power(2, 1, ON);
    power(1, 3, OFF);
    reset(1);
    expect(isOn()).toEqual([true, true, false, true]);
    reset(2);
    expect(isOn()).toEqual([true, false, false, true]);
  });
});

test("a reset lets go of the lines that the agent asserted", () => {
  const { assert, reset, state } = firmwareOf();
  assert(1, 2);
  expect(state.reset.at(0).assertedBy).toBe(1);
  reset(2);
  expect(state.reset.at(0).assertedBy).toBe(1);
  reset(1);
  expect(state.reset.at(0).assertedBy).toBe(undefined);
  assert(2, 2);
  assert(1, 0);
  expect(state.reset.at(0).assertedBy).toBe(undefined);
});

test.each([
  ["global", "none"],
  ["global", "global"],
] as const)("with clockVotes %s and pdRefCount %s nobody's holds are kept", (clockVotes, pdRefCount) => {
  const { clock, power, runs, state } = firmwareOf({ switches: { clockVotes, pdRefCount } });
  clock(1, 0, true);
  power(1, 2, ON);
  clock(2, 0, false);
  expect(runs()).toEqual([false, true]);
  expect([state.clockVote.size, state.powerVote.size]).toEqual([0, 0]);
});

test("perStarter: who has not started a clock cannot stop it", () => {
  const { clock, runs } = firmwareOf({ switches: { clockVotes: "perStarter" } });
  expect(clock(1, 1, false)).toBe("SUCCESS");
  expect(runs()).toEqual([false, true]);
  clock(1, 1, true);
  clock(2, 1, false);
  expect(runs()).toEqual([false, true]);
  clock(1, 1, false);
  expect(runs()).toEqual([false, false]);
});
