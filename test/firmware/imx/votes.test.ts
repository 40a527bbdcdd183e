import { describe, expect, test } from "vitest";
import { Imx, OFF, ON } from "./board.ts";

/** What is so of a resource now, as its command tells agent 2, who may do nothing. */
function reader(imx: Imx) {
  return {
    power: (id: number) => imx.call(2, "power", "POWER_STATE_GET", id)[1],
    clock: (id: number) => imx.call(2, "clock", "CLOCK_CONFIG_GET", id, 0)[2],
    rate: (id: number) => imx.call(2, "clock", "CLOCK_RATE_GET", id)[1],
    parent: (id: number) => imx.call(2, "clock", "CLOCK_PARENT_GET", id)[1],
    voltage: (id: number) => imx.call(2, "voltage", "VOLTAGE_CONFIG_GET", id)[1],
    level: (id: number) => imx.call(2, "performance", "PERFORMANCE_LEVEL_GET", id)[1],
    sensor: (caller: number, id: number) => imx.call(caller, "sensor", "SENSOR_CONFIG_GET", id)[1],
  };
}

test("a power domain has the highest state that any agent of any instance votes for", () => {
  const imx = new Imx();
  const { power } = reader(imx);
  const vote = (agentId: number, word: number) => imx.call(agentId, "power", "POWER_STATE_SET", 0, 3, word);
  vote(0, 1);
  vote(4, 2);
  expect(power(3)).toBe(2);
  vote(1, ON);
  expect(power(3)).toBe(ON);
  vote(1, OFF);
  vote(4, OFF);
  expect(power(3)).toBe(1);
});

test("a clock runs while any agent wants it; asking twice is asking once", () => {
  const imx = new Imx();
  const { clock } = reader(imx);
  const vote = (agentId: number, on: number) => imx.call(agentId, "clock", "CLOCK_CONFIG_SET", 0, on);
  vote(0, 1);
  vote(0, 1);
  vote(3, 1);
  vote(0, 0);
  expect(clock(0)).toBe(1);
  vote(3, 0);
  expect(clock(0)).toBe(0);
});

test("a voltage domain is on while any agent votes for that", () => {
  const imx = new Imx();
  const { voltage } = reader(imx);
  imx.call(0, "voltage", "VOLTAGE_CONFIG_SET", 0, 7);
  imx.call(1, "voltage", "VOLTAGE_CONFIG_SET", 0, 0);
  expect(voltage(0)).toBe(7);
});

test("performance: the last writer of an instance, and the highest of all instances", () => {
  const levels = { ...new Imx().config.levels, 1: { ...new Imx().config.levels[0] } } as never;
  const imx = new Imx({ levels });
  const { level } = reader(imx);
  const vote = (agentId: number, index: number) =>
    imx.call(agentId, "performance", "PERFORMANCE_LEVEL_SET", 0, index);
  // At first the level at boot, of the first instance.
  expect(level(0)).toBe(1);
  vote(3, 0);
  expect(level(0)).toBe(1);
  vote(0, 4);
  vote(3, 2);
  vote(1, 0);
  expect(level(0)).toBe(2);
});

describe("what is so at boot is a vote of the first instance", () => {
  test("agents of another leave it", () => {
    const imx = new Imx();
    const { power, clock, voltage } = reader(imx);
    imx.call(3, "power", "POWER_STATE_SET", 0, 1, OFF);
    imx.call(3, "clock", "CLOCK_CONFIG_SET", 1, 0);
    imx.call(3, "voltage", "VOLTAGE_CONFIG_SET", 1, 0);
    expect([power(1), clock(1), voltage(1)]).toEqual([ON, 1, 7]);
  });

  test("one of its own replaces it", () => {
    const imx = new Imx();
    const { power, clock, voltage } = reader(imx);
    imx.call(1, "power", "POWER_STATE_SET", 0, 1, 1);
    imx.call(1, "clock", "CLOCK_CONFIG_SET", 1, 0);
    imx.call(1, "voltage", "VOLTAGE_CONFIG_SET", 1, 0);
    expect([power(1), clock(1), voltage(1)]).toEqual([1, 0, 0]);
  });

  test("and it does not come back", () => {
    const imx = new Imx();
    imx.call(1, "clock", "CLOCK_CONFIG_SET", 1, 1);
    imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 0);
    expect(reader(imx).clock(1)).toBe(0);
  });

  test("a domain that is always on is on, whatever is voted", () => {
    const imx = new Imx();
    imx.call(0, "power", "POWER_STATE_SET", 0, 0, 1);
    expect(reader(imx).power(0)).toBe(ON);
  });
});

describe("a reset", () => {
  test.each([0, 1])("withdraws the agent's votes with flag %i, and leaves what is nobody's", (flag) => {
    const imx = new Imx();
    const { power, clock, voltage, level, sensor } = reader(imx);
    for (const agentId of [0, 3]) {
      imx.call(agentId, "sensor", "SENSOR_CONFIG_SET", 0, 1);
      imx.call(agentId, "voltage", "VOLTAGE_CONFIG_SET", 0, 7);
    }
    imx.call(3, "power", "POWER_STATE_SET", 0, 3, ON);
    imx.call(3, "clock", "CLOCK_CONFIG_SET", 0, 1);
    imx.call(3, "performance", "PERFORMANCE_LEVEL_SET", 0, 3);
    imx.call(3, "voltage", "VOLTAGE_LEVEL_SET", 3, 0, 9);
    imx.call(3, "pinctrl", "PINCTRL_SETTINGS_CONFIGURE", 0, 0, 4, 192, 5);
    const { response } = imx.exchange(3, 0x400b, [1, flag]);
    expect(response).toEqual({ channelStatus: 1, length: 0, header: 0, payload: new Uint8Array(0) });
    expect([power(3), clock(0), voltage(0), level(0)]).toEqual([OFF, 0, 7, 3]);
    expect([sensor(0, 0), sensor(4, 0)]).toEqual([1, 0]);
    expect(imx.call(2, "voltage", "VOLTAGE_LEVEL_GET", 3)).toEqual([0, 9]);
    expect(imx.state.pin.get(0)).toEqual({ 192: 5 });
  });

  test("withdraws access to devices with flag 1, where the agent has PRIV itself", () => {
    const imx = new Imx();
    imx.call(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1);
    imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 1);
    // Agent 1 has no PRIV, and keeps its access at power-on.
    expect(imx.state.permission.get(1)).toBe(undefined);
    imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0);
    expect(imx.state.permission.get(0)).toEqual({ 0: true });
    imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 1);
    expect(imx.state.permission.get(0)).toEqual({ 1: false });
  });

  test("takes a clock back to boot where the agent was the last to set it and it is off then", () => {
    const imx = new Imx();
    const { rate, parent } = reader(imx);
    imx.call(0, "clock", "CLOCK_RATE_SET", 0, 0, 200, 0);
    imx.call(3, "clock", "CLOCK_PARENT_SET", 0, 1);
    imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0);
    expect([rate(0), parent(0)]).toEqual([200, 1]);
    imx.call(1, "clock", "CLOCK_CONFIG_SET", 0, 1);
    imx.call(3, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0);
    // It runs for agent 1, so it stays as it is; and nobody is the last to have set it any more.
    expect([rate(0), parent(0)]).toEqual([200, 1]);
    imx.call(3, "clock", "CLOCK_RATE_SET", 0, 0, 110, 0);
    imx.call(1, "clock", "CLOCK_CONFIG_SET", 0, 0);
    imx.call(3, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0);
    expect([rate(0), parent(0)]).toEqual([150, 3]);
  });

  test("keeps extended configurations", () => {
    const imx = new Imx();
    imx.call(0, "clock", "CLOCK_CONFIG_SET", 0, 0x80_0001, 7);
    imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 1);
    expect(imx.call(2, "clock", "CLOCK_CONFIG_GET", 0, 0x80)).toEqual([0, 0, 0, 7]);
  });

  test("of another agent is answered, and makes that agent's channel anew", () => {
    const imx = new Imx();
    imx.write(1, { header: 0x1234, payload: [1, 2, 3], status: 0 });
    expect(imx.status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 0)).toBe("SUCCESS");
    const page = [...imx.page(1).bytes];
    expect(page[4]).toBe(1);
    expect(page.filter((byte) => byte !== 0)).toEqual([1]);
  });
});
