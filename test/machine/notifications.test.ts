import { beforeEach, describe, expect, test } from "vitest";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { SentByFirmware } from "#events/types.ts";
import { agentHoldings } from "#machine/views/agent.ts";
import { decodeSent } from "#scmi/codec.ts";
import { packHeader } from "#scmi/header.ts";
import { CHANNEL_FREE, SHMEM } from "#scmi/shmem.ts";
import { type Answer, booted, funcIdOf, pageOf, type Scenario } from "../support/scenario.ts";

const P2A = (agentId: number): number => 0x47fe_0000 + 0x1000 * agentId;

/** Agents 2 and 3 have platform-to-agent pages; device 0, which guards one resource of each kind, is agent 2's and 3's. */
const FIRMWARE: Partial<FirmwareConfig> = {
  protocols: ["power", "clock", "reset"],
  agents: [0, 1, 2, 3].map((id) => ({
    id,
    name: `agent-${id}`,
    funcId: funcIdOf(id),
    shmem: pageOf(id),
    p2a: id >= 2 ? P2A(id) : null,
  })),
  powerDomains: [
    { id: 0, name: "bus", parent: null, alwaysOn: false, initial: "off" },
    { id: 1, name: "gpu", parent: 0, alwaysOn: false, initial: "off" },
  ],
  clocks: [
    { id: 0, name: "uart", rates: [1000, 2000], range: null, rate: 1000, enabled: false, fixed: false },
    { id: 1, name: "own", rates: [1000, 2000], range: null, rate: 1000, enabled: false, fixed: false },
    {
      id: 2,
      name: "sync",
      rates: [1000, 2000],
      range: null,
      rate: 1000,
      enabled: false,
      fixed: false,
      async: false,
    },
  ],
  resets: [{ id: 0, name: "i2c" }],
};

let host: Scenario;

function start(more: Partial<FirmwareConfig> = {}): void {
  host = booted({ firmware: { ...FIRMWARE, ...more } });
  host.create("red", 2);
  host.create("blue", 3);
}

beforeEach(() => start());

function call(domain: string, protocol: string, message: string, params: Record<string, unknown>): Answer {
  return host.when({ kind: "scmi", domain, call: { protocol, message, params } });
}

function status(answer: Answer): string | null {
  return answer.result?.status ?? answer.problem?.code ?? null;
}

const setRate = (domain: string, rate: number, more: { flags?: number; clockId?: number } = {}) =>
  call(domain, "clock", "CLOCK_RATE_SET", { flags: 0, clockId: 0, rate, ...more });
const listen = (domain: string, message: string, on = 1) =>
  call(domain, "clock", message, { clockId: 0, notifyEnable: on });

/** Messages that went out, in words. */
function told(messages: readonly SentByFirmware[] | undefined) {
  return (messages ?? []).map(({ agentId, outcome, header, payload }) => {
    const { message, token, protocol: _, meaning: __, ...fields } = decodeSent(header, payload);
    return [agentId, outcome, message, fields];
  });
}
const raised = (answer: Answer) => told(answer.the("smc.forwarded").notifications);

function pageWords(agentId: number): { status: number; length: number; header: number } {
  const page = host.machine.state.memory.window(P2A(agentId));
  return {
    status: page.read32(SHMEM.CHANNEL_STATUS),
    length: page.read32(SHMEM.LENGTH),
    header: page.read32(SHMEM.MESSAGE_HEADER),
  };
}

describe("notifications", () => {
  test("platform-to-agent pages are FREE at power-on", () => {
    expect(pageWords(2)).toEqual({ status: CHANNEL_FREE, length: 0, header: 0 });
  });

  test("an agent that asked is told of a change, in its page, as part of the event that caused it", () => {
    expect(status(listen("blue", "CLOCK_RATE_NOTIFY"))).toBe("SUCCESS");
    const answer = setRate("red", 2000);
    expect(raised(answer)).toEqual([
      [3, "sent", "CLOCK_RATE_CHANGED", { agentId: 2, clockId: 0, rate: "0x7d0" }],
    ]);
    expect(pageWords(3)).toEqual({ status: 0, length: 4 + 16, header: packHeader(0x14, 0, 0, 3) });
    expect(pageWords(2).status).toBe(CHANNEL_FREE);
  });

  test("who changes it is told as well, if it asked; who asked no more is not", () => {
    listen("red", "CLOCK_RATE_NOTIFY");
    listen("blue", "CLOCK_RATE_NOTIFY");
    listen("blue", "CLOCK_RATE_NOTIFY", 0);
    expect(raised(setRate("red", 2000)).map(([agentId]) => agentId)).toEqual([2]);
  });

  test("a request is told of even where it changes nothing, and a change only where there is one", () => {
    listen("blue", "CLOCK_RATE_NOTIFY");
    listen("blue", "CLOCK_RATE_CHANGE_REQUESTED_NOTIFY");
    expect(raised(setRate("red", 1000)).map(([, , message]) => message)).toEqual([
      "CLOCK_RATE_CHANGE_REQUESTED",
    ]);
    expect(setRate("red", 1234).the("smc.forwarded").notifications).toBe(undefined);
  });

  test("a power domain that goes on because its child does is told of, and again when the holder is reset", () => {
    for (const domainId of [0, 1]) call("blue", "power", "POWER_STATE_NOTIFY", { domainId, notifyEnable: 1 });
    const on = call("red", "power", "POWER_STATE_SET", { flags: 0, domainId: 1, powerState: "ON" });
    expect(raised(on).map(([, outcome, , fields]) => [outcome, fields])).toEqual([
      ["sent", { agentId: 2, domainId: 0, powerState: 0 }],
      ["queued", { agentId: 2, domainId: 1, powerState: 0 }],
    ]);
    const reset = host.when({ kind: "agent.reset", agentId: 2, permissions: false });
    expect(raised(reset).map(([agentId, outcome, , fields]) => [agentId, outcome, fields])).toEqual([
      [3, "queued", { agentId: 1, domainId: 1, powerState: 0x4000_0000 }],
      [3, "queued", { agentId: 1, domainId: 0, powerState: 0x4000_0000 }],
    ]);
  });

  test("a reset is told of where the line was asserted", () => {
    call("blue", "reset", "RESET_NOTIFY", { domainId: 0, notifyEnable: 1 });
    const reset = (flags: number) => call("red", "reset", "RESET", { domainId: 0, flags, resetState: 0 });
    expect(raised(reset(1))).toEqual([
      [3, "sent", "RESET_ISSUED", { agentId: 2, domainId: 0, resetState: 0 }],
    ]);
    expect(reset(0).the("smc.forwarded").notifications).toBe(undefined);
  });

  test("an error of the platform's own is told of, with the message's header", () => {
    call("blue", "base", "BASE_NOTIFY_ERRORS", { notifyEnable: 1 });
    host.fault({ action: "status", value: -9, message: "CLOCK_RATE_GET" }, 1);
    const answer = call("red", "clock", "CLOCK_RATE_GET", { clockId: 0 });
    expect(raised(answer)).toEqual([
      [
        3,
        "sent",
        "BASE_ERROR_EVENT",
        { agentId: 2, errorStatus: 1, msgReports: [{ header: packHeader(0x14, 6), status: -9 }] },
      ],
    ]);
    expect(call("red", "clock", "CLOCK_RATE_GET", { clockId: 99 }).the("smc.forwarded").notifications).toBe(
      undefined,
    );
  });

  test("an agent without a page, and one whose permission was taken back, are told nothing", () => {
    const guarded = [
      {
        ...host.machine.state.configuration()!.board.firmware.devices[0]!,
        clocks: [0],
        defaultAccess: [2, 3],
      },
    ];
    start({ devices: guarded, trustedAgents: [1] });
    listen("Domain-0", "CLOCK_RATE_NOTIFY");
    listen("blue", "CLOCK_RATE_NOTIFY");
    host.when({ kind: "permission.set", agentId: 3, deviceId: 0, allowed: false });
    expect(setRate("red", 2000).the("smc.forwarded").notifications).toBe(undefined);
    host.when({ kind: "permission.set", agentId: 3, deviceId: 0, allowed: true });
    expect(raised(setRate("red", 1000))).toHaveLength(1);
  });

  test("switched off, nothing can be asked for", () => {
    start({ switches: { notifications: false } });
    expect(status(listen("blue", "CLOCK_RATE_NOTIFY"))).toBe("NOT_SUPPORTED");
  });
});

describe("a page that is not FREE", () => {
  const acknowledge = (domain = "blue") => host.when({ kind: "p2a.acknowledge", domain });

  test("messages wait, and go out one by one as the agent acknowledges", () => {
    listen("blue", "CLOCK_RATE_NOTIFY");
    const outcomes = [2000, 1000, 2000].map((rate) => raised(setRate("red", rate))[0]?.[1]);
    expect(outcomes).toEqual(["sent", "queued", "queued"]);
    expect(agentHoldings(host.machine.state, 3).p2a?.waiting).toHaveLength(2);

    const first = acknowledge();
    expect(first.types).toEqual(["p2a.acknowledged"]);
    expect(first.result).toMatchObject({
      agentId: 3,
      message: { decoded: { message: "CLOCK_RATE_CHANGED", rate: "0x7d0" } },
      next: { agentId: 3, outcome: "sent", decoded: { rate: "0x3e8" } },
    });
    expect(first.the("p2a.acknowledged").page).toBe(P2A(3));
    expect(acknowledge().result).toMatchObject({ next: { decoded: { rate: "0x7d0" } } });
    expect(acknowledge().result).toMatchObject({ next: null });
    expect(pageWords(3).status).toBe(CHANNEL_FREE);
    expect(acknowledge().problem?.code).toBe("p2a-page-free");
  });

  test("at most 32 wait; where the firmware drops, none does", () => {
    listen("blue", "CLOCK_RATE_NOTIFY");
    const outcomes = Array.from(
      { length: 35 },
      (_, i) => raised(setRate("red", i % 2 === 0 ? 2000 : 1000))[0]?.[1],
    );
    expect(outcomes.filter((outcome) => outcome === "queued")).toHaveLength(32);
    expect(outcomes.slice(-2)).toEqual(["dropped", "dropped"]);
    start({ switches: { p2aBusy: "drop" } });
    listen("blue", "CLOCK_RATE_NOTIFY");
    expect([2000, 1000].map((rate) => raised(setRate("red", rate))[0]?.[1])).toEqual(["sent", "dropped"]);
  });

  test("tokens count where the firmware counts them", () => {
    start({ switches: { p2aToken: "counting" } });
    listen("blue", "CLOCK_RATE_NOTIFY");
    const headers = [2000, 1000].map(
      (rate) => setRate("red", rate).the("smc.forwarded").notifications?.[0]?.header,
    );
    expect(headers).toEqual([packHeader(0x14, 0, 0, 3), packHeader(0x14, 0, 1, 3)]);
  });

  test("only who has a page can acknowledge", () => {
    expect(acknowledge("Domain-0").problem?.code).toBe("agent-without-p2a");
    expect(acknowledge("nobody").problem?.code).toBe("domain-not-found");
    host.create("plain", null);
    expect(acknowledge("plain").problem?.code).toBe("domain-without-channel");
  });
});

describe("sensors", () => {
  const measured = { type: 2, exponent: 0, extended: null } as const;
  const still = { updateIntervals: [], updateIntervalRange: null, enabled: true, timestamp: false } as const;
  const sensors = [
    { id: 0, name: "soc", ...measured, ...still, reading: 20, tripPoints: 2, axes: [], continuous: true },
    {
      id: 1,
      name: "accel",
      ...measured,
      ...still,
      reading: 0,
      tripPoints: 0,
      axes: [
        { name: "x", ...measured, reading: 1 },
        { name: "y", ...measured, reading: 2 },
      ],
      continuous: false,
    },
  ];
  beforeEach(() => start({ protocols: ["sensor"], sensors }));

  const sense = (message: string, params: Record<string, unknown>) => call("blue", "sensor", message, params);
  const set = (readings: number[], sensorId = 0) => host.when({ kind: "sensor.set", sensorId, readings });
  const trip = (point: number, mode: number, value: number) =>
    sense("SENSOR_TRIP_POINT_CONFIG", {
      sensorId: 0,
      tripPointEventControl: { tripPointId: point, mode },
      value,
    });
  const readings = (sensorId: number) =>
    sense("SENSOR_READING_GET", { sensorId, flags: 0 }).result.result.readings;

  test("read what they were set to, until the host reboots", () => {
    expect(set([-5]).types).toEqual(["sensor.changed"]);
    expect(set([7, 8], 1).result).toMatchObject({ sensorId: 1, readings: [7, 8], sent: [] });
    expect(readings(0)).toMatchObject([{ value: "-5" }]);
    expect(readings(1)).toMatchObject([{ value: "7" }, { value: "8" }]);
    host.boot("reboot");
    host.create("blue", 3);
    expect(readings(0)).toMatchObject([{ value: "20" }]);
  });

  test("tell of trip points that they pass, in the direction that is watched", () => {
    sense("SENSOR_TRIP_POINT_NOTIFY", { sensorId: 0, sensorEventControl: 1 });
    trip(0, 1, 50);
    trip(1, 3, 80);
    const events = [49, 50, 85, 80, 50].map((reading) => told(set([reading]).the("sensor.changed").sent));
    const point = (tripPointDesc: number) => ({ agentId: 0, sensorId: 0, tripPointDesc });
    expect(events.map((messages) => messages.map((message) => message[3]))).toEqual([
      [],
      [point(0x1_0000)],
      [point(0x1_0001)],
      [point(1)],
      [],
    ]);
  });

  test("tell who asked of every update", () => {
    sense("SENSOR_CONTINUOUS_UPDATE_NOTIFY", { sensorId: 0, sensorEventControl: 1 });
    expect(told(set([30]).the("sensor.changed").sent)).toMatchObject([
      [3, "sent", "SENSOR_UPDATE", { sensorId: 0, readings: [{ value: "30", timestamp: "0x0" }] }],
    ]);
    sense("SENSOR_CONFIG_SET", { sensorId: 0, sensorConfig: 0 });
    expect(set([31]).the("sensor.changed").sent).toEqual([]);
  });

  test("give an asynchronous reading when it is finished", () => {
    expect(status(sense("SENSOR_READING_GET", { sensorId: 0, flags: 1 }))).toBe("SUCCESS");
    set([44]);
    const done = host.when({ kind: "firmware.complete", agentId: null, protocol: "sensor" });
    expect(told(done.the("scmi.completed").sent)).toMatchObject([
      [3, "sent", "SENSOR_READING_COMPLETE", { status: "SUCCESS", sensorId: 0, readings: [{ value: "44" }] }],
    ]);
  });

  test("are refused where the board has no such sensor, or another number of readings", () => {
    expect(set([1], 9).problem?.code).toBe("sensor-not-found");
    expect(set([1], 1).problem?.code).toBe("sensor-axes");
  });
});

describe("asynchronous commands", () => {
  const ASYNC = 1;
  const complete = (agentId: number | null = null, protocol: string | null = null) =>
    host.when({ kind: "firmware.complete", agentId, protocol });
  const rate = (domain = "red", clockId = 0) =>
    call(domain, "clock", "CLOCK_RATE_GET", { clockId }).result.result.rate;

  test("are answered at once, done later, and told of by a delayed response with the command's token", () => {
    listen("blue", "CLOCK_RATE_NOTIFY");
    expect(status(setRate("red", 2000, { flags: ASYNC }))).toBe("SUCCESS");
    expect(rate()).toBe("0x3e8");
    expect(agentHoldings(host.machine.state, 2).pending).toMatchObject([
      { protocol: "clock", message: "CLOCK_RATE_SET", token: 0, request: { clockId: 0, rate: "0x7d0" } },
    ]);
    const done = complete();
    expect(done.types).toEqual(["scmi.completed"]);
    expect(done.result).toMatchObject({ agentId: 2, message: "CLOCK_RATE_SET", status: "SUCCESS" });
    expect(told(done.the("scmi.completed").sent)).toEqual([
      [3, "sent", "CLOCK_RATE_CHANGED", { agentId: 2, clockId: 0, rate: "0x7d0" }],
      [2, "sent", "CLOCK_RATE_SET_COMPLETE", { status: "SUCCESS", statusCode: 0, clockId: 0, rate: "0x7d0" }],
    ]);
    expect(pageWords(2)).toMatchObject({ status: 0, header: packHeader(0x14, 5, 0, 2) });
    expect(rate()).toBe("0x7d0");
    expect(complete().problem?.code).toBe("nothing-pending");
  });

  test("no delayed response where none is wanted", () => {
    setRate("red", 2000, { flags: 3 });
    expect(complete().the("scmi.completed").sent).toEqual([]);
    expect(rate()).toBe("0x7d0");
  });

  test("what speaks against it at the end is in the delayed response", () => {
    const device = { ...host.machine.state.configuration()!.board.firmware.devices[0]!, clocks: [0] };
    start({ devices: [{ ...device, defaultAccess: [2] }] });
    setRate("red", 2000, { flags: ASYNC });
    host.when({ kind: "permission.set", agentId: 2, deviceId: 0, allowed: false });
    expect(told(complete().the("scmi.completed").sent)).toEqual([
      [2, "sent", "CLOCK_RATE_SET_COMPLETE", { status: "DENIED", statusCode: -3, clockId: 0, rate: "0x3e8" }],
    ]);
  });

  test("are finished in the order in which they were taken, or those of one agent or protocol first", () => {
    setRate("red", 2000, { flags: ASYNC });
    call("blue", "reset", "RESET", { domainId: 0, flags: 5, resetState: 0 });
    setRate("blue", 1000, { flags: ASYNC, clockId: 1 });
    call("blue", "power", "POWER_STATE_SET", { flags: 1, domainId: 0, powerState: "ON" });
    expect(complete(3).result).toMatchObject({ agentId: 3, message: "RESET" });
    expect(complete(null, "power").result).toMatchObject({ message: "POWER_STATE_SET", sent: [] });
    expect(complete().result).toMatchObject({ agentId: 2, message: "CLOCK_RATE_SET" });
    expect(complete(2).problem?.code).toBe("nothing-pending");
    expect(complete(null, "clock").result).toMatchObject({ agentId: 3 });
  });

  test("an agent can have so many under way for a protocol, whatever others have", () => {
    const statuses = Array.from({ length: 5 }, () => status(setRate("red", 2000, { flags: ASYNC })));
    expect(statuses).toEqual(["SUCCESS", "SUCCESS", "SUCCESS", "SUCCESS", "BUSY"]);
    expect(status(setRate("blue", 2000, { flags: ASYNC }))).toBe("SUCCESS");
    expect(call("red", "clock", "PROTOCOL_ATTRIBUTES", {}).result.result.meaning.attributes).toMatchObject({
      maxPendingTransactions: 4,
    });
  });

  test("are refused to agents without a page, of resources that cannot, and where the firmware does none", () => {
    expect(status(setRate("Domain-0", 2000, { flags: ASYNC }))).toBe("INVALID_PARAMETERS");
    expect(status(setRate("red", 2000, { flags: ASYNC, clockId: 2 }))).toBe("INVALID_PARAMETERS");
    expect(status(call("red", "reset", "RESET", { domainId: 0, flags: 4, resetState: 0 }))).toBe(
      "INVALID_PARAMETERS",
    );
    start({ switches: { asyncSupport: false } });
    expect(status(setRate("red", 2000, { flags: ASYNC }))).toBe("INVALID_PARAMETERS");
    expect(status(call("red", "power", "POWER_STATE_SET", { flags: 1, domainId: 0, powerState: "ON" }))).toBe(
      "NOT_SUPPORTED",
    );
  });

  test("a reset agent's are forgotten, with what it asked to be told and what waits for it", () => {
    listen("red", "CLOCK_RATE_NOTIFY");
    setRate("blue", 2000);
    setRate("blue", 1000);
    setRate("red", 2000, { flags: ASYNC });
    host.when({ kind: "agent.reset", agentId: 2, permissions: false });
    expect(agentHoldings(host.machine.state, 2)).toMatchObject({ subscriptions: [], pending: [] });
    expect(agentHoldings(host.machine.state, 2).p2a?.waiting).toEqual([]);
    expect(complete().problem?.code).toBe("nothing-pending");
  });

  test("a host reboot forgets all, and frees the pages", () => {
    listen("blue", "CLOCK_RATE_NOTIFY");
    setRate("red", 2000);
    setRate("red", 1000, { flags: ASYNC });
    host.boot("reboot");
    expect(pageWords(3).status).toBe(CHANNEL_FREE);
    expect(complete().problem?.code).toBe("nothing-pending");
  });
});
