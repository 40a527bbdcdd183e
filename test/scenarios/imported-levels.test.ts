import { describe, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { ACCESS_LEVELS, type Board } from "#config/board/board.ts";
import { parseBoard } from "#config/board/file.ts";
import { Assumptions } from "#config/draft/draft.ts";
import { boardText } from "#config/draft/write.ts";
import { boardResources } from "#config/imx-sm/board-resources.ts";
import { readImxConfig } from "#config/imx-sm/read.ts";
import { imxBoard } from "#config/imx-sm/to-board.ts";
import { configOpener, readHeaders } from "#inputs/imx-sm-files.ts";
import { TestFirmware } from "../firmware/support/firmware.ts";

const FILE = "test/inputs/imx-sm/two-machines.cfg";
const HEADER = "test/inputs/imx-sm/soc/device.h";

async function imported(headers: readonly string[]): Promise<Board> {
  const config = await readImxConfig(FILE, configOpener(FILE, []));
  const read = await readHeaders(headers);
  if (!("agents" in config) || isProblem(read)) throw new Error("the configuration was refused");
  const choices = { name: null, funcIdBase: null, shmemBase: null, xenAgent: null, deviceTree: null };
  const made = imxBoard(config, read.numbers, choices, "two-machines.cfg");
  if (typeof made === "string") throw new Error(made);
  const board = parseBoard(boardText(made.draft, []), "board.yaml");
  if (isProblem(board)) throw new Error(board.detail);
  return board;
}

/** What a person reads in the configuration: the level of each agent on what is named; all else is none. */
const LEVELS: readonly Readonly<Record<string, string>>[] = [
  {
    "power wake": "EXCLUSIVE",
    "power copro": "EXCLUSIVE",
    "clock uart2": "EXCLUSIVE",
    "sensor temp": "NOTIFY",
    "device dma": "PRIV",
    system: "EXCLUSIVE",
  },
  { "power cpu": "EXCLUSIVE", "performance cpu": "SET", "agent AP-NS": "PRIV", system: "PRIV" },
  {
    "power wake": "GET",
    "power display": "EXCLUSIVE",
    "clock pll": "GET",
    "clock uart2": "GET",
    "clock pixel": "EXCLUSIVE",
    "reset display": "EXCLUSIVE",
    "performance cpu": "PRIV",
    "sensor temp": "EXCLUSIVE",
    "sensor pmic": "SET",
    "voltage cpu": "SET",
    "pin pad0": "EXCLUSIVE",
    "pin pad1": "NOTIFY",
    system: "NOTIFY",
  },
];

/** A command for each kind and level that it needs, with the payload for an id. */
const ASKED = [
  ["power", "powerDomains", "SET", "power", "POWER_STATE_SET", (id: number) => [0, id, 0]],
  ["clock", "clocks", "SET", "clock", "CLOCK_CONFIG_SET", (id: number) => [id, 1]],
  ["clock", "clocks", "EXCLUSIVE", "clock", "CLOCK_RATE_SET", (id: number) => [0, id, 1000, 0]],
  ["reset", "resets", "EXCLUSIVE", "reset", "RESET", (id: number) => [id, 1, 0]],
  [
    "performance",
    "performanceDomains",
    "SET",
    "performance",
    "PERFORMANCE_LIMITS_SET",
    (id: number) => [id, 2, 1],
  ],
  [
    "performance",
    "performanceDomains",
    "PRIV",
    "performance",
    "PERFORMANCE_LEVEL_SET",
    (id: number) => [id, 1],
  ],
  ["sensor", "sensors", "NOTIFY", "sensor", "SENSOR_TRIP_POINT_NOTIFY", (id: number) => [id, 1]],
  ["sensor", "sensors", "SET", "sensor", "SENSOR_CONFIG_SET", (id: number) => [id, 1]],
  ["voltage", "voltageDomains", "SET", "voltage", "VOLTAGE_CONFIG_SET", (id: number) => [id, 7]],
  ["voltage", "voltageDomains", "EXCLUSIVE", "voltage", "VOLTAGE_LEVEL_SET", (id: number) => [id, 0, 1]],
  [
    "pin",
    "pins",
    "EXCLUSIVE",
    "pinctrl",
    "PINCTRL_SETTINGS_CONFIGURE",
    (id: number) => [id, 0xffff_ffff, 1 << 2, 192, 1],
  ],
] as const;

const rank = (level: string) => (ACCESS_LEVELS as readonly string[]).indexOf(level);

describe("the firmware of an imported configuration allows what the configuration allows, and nothing else", () => {
  test.each(ASKED)("%s, %s: %s of %s is for %s", async (kind, list, needed, protocol, message, payload) => {
    const { firmware } = await imported([HEADER]);
    const outcomes = new Set<boolean>();
    for (const [agent, levels] of LEVELS.entries()) {
      for (const { id, name } of firmware[list]) {
        const status = new TestFirmware(firmware).status(agent, protocol, message, ...payload(id));
        const allowed = rank(levels[`${kind} ${name}`] ?? "NONE") >= rank(needed);
        expect(`agent ${agent}, ${name}: ${status !== "DENIED"}`).toBe(`agent ${agent}, ${name}: ${allowed}`);
        outcomes.add(allowed);
      }
    }
    // Both are in the configuration, so that neither is right by accident; no domain is another agent's for PRIV and above.
    expect(outcomes.has(false)).toBe(true);
  });

  test("the system's power, devices and agents", async () => {
    const { firmware } = await imported([HEADER]);
    const status = (agent: number, protocol: string, message: string, ...payload: number[]) =>
      new TestFirmware(firmware).status(agent, protocol, message, ...payload);
    const shutdown = (agent: number, flags: number) =>
      status(agent, "system", "SYSTEM_POWER_STATE_SET", flags, 1);
    // NOTIFY may be told; SET would be needed for graceful, PRIV for forceful (which answers nobody).
    expect([0, 1, 2].map((agent) => status(agent, "system", "SYSTEM_POWER_STATE_NOTIFY", 1))).toEqual([
      "SUCCESS",
      "SUCCESS",
      "SUCCESS",
    ]);
    expect([0, 1, 2].map((agent) => shutdown(agent, 1))).toEqual(["SUCCESS", "SUCCESS", "DENIED"]);
    // Agents are known by their numbers in their own machine: AP-NS is 2 to AP-S.
    expect([0, 1, 2].map((agent) => status(agent, "base", "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1))).toEqual([
      "SUCCESS",
      "DENIED",
      "DENIED",
    ]);
    expect(status(1, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 0)).toBe("SUCCESS");
    expect(status(2, "base", "BASE_RESET_AGENT_CONFIGURATION", 1, 0)).toBe("DENIED");
    expect(status(0, "base", "BASE_RESET_AGENT_CONFIGURATION", 2, 0)).toBe("NOT_FOUND");
  });

  test("what starting the machines sets is so at power-on", async () => {
    const { firmware } = await imported([HEADER]);
    const board = new TestFirmware(firmware);
    expect(firmware.powerDomains.filter(({ initial }) => initial === "on").map(({ name }) => name)).toEqual([
      "copro",
    ]);
    expect(board.call(2, "power", "POWER_STATE_GET", 5)).toEqual([0, 0]);
    expect(board.call(2, "performance", "PERFORMANCE_LEVEL_GET", 0)).toEqual([0, 2]);
    expect(board.call(2, "clock", "CLOCK_RATE_GET", 4)).toEqual([0, 148_500_000, 0]);
    expect(firmware.clocks[4]).toMatchObject({ enabled: true, parents: [1], parent: 1 });
    expect(firmware.voltageDomains[0]).toMatchObject({ mode: "on" });
  });
});

test("ids are the headers', which know resources that the configuration names nowhere", async () => {
  const { firmware } = await imported([HEADER]);
  const ids = (list: readonly { id: number; name: string }[]) => list.map(({ id, name }) => `${id} ${name}`);
  expect(ids(firmware.powerDomains)).toEqual(["0 aon", "1 spare", "2 wake", "3 display", "4 cpu", "5 copro"]);
  expect(ids(firmware.sensors)).toEqual(["0 temp", "1 pmic"]);
  expect(ids(firmware.devices)).toEqual(["0 dma", "1 uart2", "2 core0", "3 display"]);
});

test("without headers ids are given in the order of the configuration, and levels follow them", async () => {
  const { firmware } = await imported([]);
  expect(firmware.clocks.map(({ name }) => name)).toEqual(["pixel", "osc", "pll", "uart1", "uart2"]);
  expect(firmware.powerDomains.map(({ id, name }) => `${id} ${name}`)).toEqual([
    "0 display",
    "1 copro",
    "2 wake",
    "3 cpu",
  ]);
  expect(firmware.levels["2"]?.power).toEqual({ 0: "EXCLUSIVE", 2: "GET" });
});

test("a board's resource that is named as one of the device's is named with its owner", () => {
  const named = (full: string) => ({
    prefix: "sensor" as const,
    full,
    short: "TEMP",
    id: full.startsWith("DEV") ? 0 : 1,
  });
  const kinds = new Map([["sensor" as const, [named("DEV_SM_SENSOR_TEMP"), named("BRD_SM_SENSOR_TEMP")]]]);
  const boot = {
    power: new Set<string>(),
    voltage: new Set<string>(),
    performance: new Map(),
    clocks: new Map(),
  };
  expect(boardResources(kinds, boot, new Assumptions())).toMatchObject({
    sensors: [{ name: "temp" }, { name: "brd_temp" }],
  });
});
