import { describe, expect, test } from "vitest";
import { packHeader } from "#scmi/header.ts";
import { words } from "../support/firmware.ts";
import { Imx } from "./board.ts";

const NOTIFIER = (token: number) => packHeader(0x12, 0x0, token, 3);
const SET = packHeader(0x12, 0x3);

/** Everybody who has a page for it wants to be told. */
function listening(): Imx {
  const levels = { ...new Imx().config.levels, 1: { ...new Imx().config.levels[0] } } as never;
  const imx = new Imx({ levels });
  for (const agentId of [0, 1, 3]) imx.call(agentId, "system", "SYSTEM_POWER_STATE_NOTIFY", 1);
  return imx;
}

function told(imx: Imx) {
  return [0, 1, 3].map((agentId) => imx.told(agentId)?.payload ?? null);
}

test("a graceful state of one's own machine is told to its agents, the caller too, by their numbers", () => {
  const imx = listening();
  expect(imx.status(1, "system", "SYSTEM_POWER_STATE_SET", 1, 1)).toBe("SUCCESS");
  expect(told(imx)).toEqual([[2, 1, 1, 0], [2, 1, 1, 0], null]);
});

test("tokens count from 0 for each channel", () => {
  const imx = listening();
  imx.call(0, "system", "SYSTEM_POWER_STATE_SET", 1, 0);
  expect(imx.told(0)?.header).toBe(NOTIFIER(0));
  imx.call(0, "system", "SYSTEM_POWER_STATE_SET", 1, 0x8000_0003);
  expect([imx.told(0)?.header, imx.told(3)?.header]).toEqual([NOTIFIER(1), NOTIFIER(0)]);
});

test("who did not ask, or does not want it any more, is not told", () => {
  const imx = listening();
  imx.call(1, "system", "SYSTEM_POWER_STATE_NOTIFY", 0);
  imx.call(0, "system", "SYSTEM_POWER_STATE_SET", 1, 2);
  expect(told(imx)).toEqual([[1, 1, 2, 0], null, null]);
});

describe("a forceful state of one's own machine", () => {
  test.each([0, 1, 2])("%i resets every agent of it, and answers nothing", (state) => {
    const imx = listening();
    imx.call(0, "clock", "CLOCK_CONFIG_SET", 0, 1);
    imx.call(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1);
    const { response } = imx.exchange(0, SET, [0, state]);
    expect(response).toEqual({ channelStatus: 1, length: 0, header: 0, payload: new Uint8Array(0) });
    for (const agentId of [0, 1, 2]) {
      expect([...imx.page(agentId).bytes].filter((byte) => byte !== 0)).toEqual([1]);
    }
    expect(imx.state.clock.at(0).enabled).toBe(false);
    expect(imx.state.permission.get(0)).toEqual({ 1: false });
    expect(told(imx)).toEqual([null, null, null]);
    // The other machine is as it was.
    imx.call(3, "system", "SYSTEM_POWER_STATE_SET", 1, 0);
    expect(told(imx)).toEqual([null, null, [1, 1, 0, 0]]);
  });
});

describe("states of the whole system", () => {
  test.each([0x8000_0001, 0x8000_0002])("forceful %i is told to the others, and has no answer", (state) => {
    const imx = listening();
    imx.call(0, "clock", "CLOCK_CONFIG_SET", 0, 1);
    const { response, channelStatus, length, header } = imx.exchange(0, SET, [0, state]);
    expect([response?.payload.length, channelStatus, length, header]).toEqual([0, 1, 0, SET]);
    expect(told(imx)).toEqual([null, null, [1, 0, state, 0]]);
    expect(imx.state.clock.at(0).enabled).toBe(true);
  });

  test.each([
    [0x8000_0001, 1],
    [0x8000_0002, 1],
    [0x8000_0003, 1],
    [0x8000_0003, 0],
    [0x8000_0004, 0],
  ])("%i with flags %i is answered, and told to all", (state, flags) => {
    const imx = listening();
    expect(imx.status(3, "system", "SYSTEM_POWER_STATE_SET", flags, state)).toBe("SUCCESS");
    const all = [1, 1, state, 0];
    expect(told(imx)).toEqual([all, all, all]);
  });

  test("sleep modes are told to nobody", () => {
    const imx = listening();
    expect(imx.status(0, "system", "SYSTEM_POWER_STATE_SET", 1, 0xc000_0001)).toBe("SUCCESS");
    expect(told(imx)).toEqual([null, null, null]);
  });
});

test("a reset ends what an agent asked for, and makes its second page anew", () => {
  const imx = listening();
  imx.call(0, "system", "SYSTEM_POWER_STATE_SET", 1, 0);
  imx.call(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 0);
  const { bytes } = imx.memory.window(0x4800_1000);
  expect(words(bytes.subarray(0, 32))).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
  imx.told(0);
  imx.call(0, "system", "SYSTEM_POWER_STATE_SET", 1, 0);
  expect(told(imx)).toEqual([[1, 1, 0, 0], null, null]);
});
