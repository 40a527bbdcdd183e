import { beforeEach, describe, expect, test } from "vitest";
import type { FirmwareConfig } from "#config/board/board.ts";
import { words } from "../firmware/support/firmware.ts";
import { type Answer, booted, type Scenario } from "../support/scenario.ts";

const RATES = Array.from({ length: 25 }, (_, i) => 1_000_000 * (i + 1));

const FIRMWARE: Partial<FirmwareConfig> = {
  protocols: ["power", "clock", "reset"],
  powerDomains: [{ id: 0, name: "gpu", parent: null, alwaysOn: false, initial: "off" }],
  clocks: [
    { id: 0, name: "pll", rates: RATES, range: null, rate: 1_000_000, enabled: false, fixed: false },
    {
      id: 1,
      name: "gpu",
      rates: null,
      range: { min: 100_000_000, max: 800_000_000, step: 500_000 },
      rate: 400_000_000,
      enabled: false,
      fixed: false,
    },
    { id: 2, name: "twin", rates: [1], range: null, rate: 1, enabled: false, fixed: false },
    { id: 3, name: "twin", rates: [1], range: null, rate: 1, enabled: false, fixed: false },
  ],
};

let host: Scenario;
beforeEach(() => {
  host = booted({ firmware: FIRMWARE });
  host.create("red", 2);
});

function call(protocol: string, message: string, params: Record<string, unknown>, all = false): Answer {
  const walk = all ? ({ all: true } as const) : {};
  return host.when({ kind: "scmi", domain: "red", call: { protocol, message, params, ...walk } });
}

const sent = (answer: Answer) => words(answer.the("smc.forwarded").request?.payload ?? new Uint8Array(0));

describe("names, units and parts", () => {
  test.each<[string, string, Record<string, unknown>, number[]]>([
    [
      "clock",
      "CLOCK_RATE_SET",
      { "flags.rounding": "UP", clockId: "gpu", rate: "400.5MHz" },
      [4, 1, 400_500_000, 0],
    ],
    [
      "clock",
      "CLOCK_RATE_SET",
      { flags: { rounding: "platform" }, clockId: 1, rate: "0.4 GHz" },
      [8, 1, 400_000_000, 0],
    ],
    ["clock", "CLOCK_RATE_SET", { "flags.async": "on", flags: {}, clockId: 1, rate: 5 }, [1, 1, 5, 0]],
    [
      "clock",
      "CLOCK_CONFIG_SET",
      { clockId: "gpu", "attributes.state": "ENABLE", extendedConfigVal: 0 },
      [1, 1, 0],
    ],
    ["power", "POWER_STATE_SET", { flags: 0, domainId: "gpu", powerState: "off" }, [0, 0, 0x4000_0000]],
    [
      "base",
      "BASE_SET_DEVICE_PERMISSIONS",
      { agentId: "agent-3", deviceId: "device-1", "flags.allow": true },
      [3, 1, 1],
    ],
  ])("%s %s %j", (protocol, message, params, payload) => {
    const answer = call(protocol, message, params);
    expect(sent(answer)).toEqual(payload);
    expect(answer.result.request).toHaveLength(8 * payload.length);
  });

  test("a value's own name goes before the board's", () => {
    expect(sent(call("base", "BASE_DISCOVER_AGENT", { agentId: "caller" }))).toEqual([0xffff_ffff]);
  });

  test.each<[Record<string, unknown>, RegExp]>([
    [{ flags: 0, clockId: 1, rate: "400MV" }, /rate is "400MV"; it must be .*in Hz or with a unit/],
    [{ flags: 0, clockId: 1, rate: "0.1Hz" }, /rate is "0.1Hz"/],
    [
      { flags: 0, clockId: "twin", rate: 1 },
      /clockId is "twin"; that is the name of 2 and 3, an id is allowed/,
    ],
    [{ flags: 0, clockId: "nothing", rate: 1 }, /clockId is "nothing"; the board calls nothing so/],
    [{ flags: 0, "flags.async": true, clockId: 1, rate: 1 }, /flags\.async is not a field/],
    [{ "flags.nothing": 1, clockId: 1, rate: 1 }, /not nothing/],
    [{ "rate.low": 1, flags: 0, clockId: 1 }, /rate is/],
    [{ clockId: 1, rate: 1 }, /flags is missing/],
  ])("%j is refused", (params, detail) => {
    const { problem, events } = call("clock", "CLOCK_RATE_SET", params);
    expect(problem).toMatchObject({ code: "scmi-invalid-params", detail: expect.stringMatching(detail) });
    expect(events).toEqual([]);
  });
});

describe("a walk", () => {
  test("is one command of as many rings as it takes, and one answer", () => {
    const answer = call("clock", "CLOCK_DESCRIBE_RATES", { clockId: "pll" }, true);
    expect(answer.types).toEqual(["smc.forwarded", "smc.forwarded", "smc.forwarded"]);
    expect(answer.result.result.rates).toEqual(RATES.map((rate) => `0x${rate.toString(16)}`));
    expect(answer.result.result.meaning.numRatesFlags).toEqual({
      returned: 25,
      remaining: 0,
      triplet: false,
    });
    expect(answer.result.result).not.toHaveProperty("numRatesFlags");
    expect(answer.result.transfers.map(({ request }: { request: string }) => request)).toEqual([
      "0000000000000000",
      "000000000b000000",
      "0000000016000000",
    ]);
    expect(answer.result).toMatchObject({ status: "SUCCESS", seq: answer.events.at(-1)?.seq });
  });

  test("begins where it is told to", () => {
    const { result } = call("clock", "CLOCK_DESCRIBE_RATES", { clockId: "pll", rateIndex: 20 }, true);
    expect(result.result.rates).toHaveLength(5);
  });

  test("of a range is one transfer; of protocols ends at the firmware's own end", () => {
    expect(call("clock", "CLOCK_DESCRIBE_RATES", { clockId: "gpu" }, true).result).toMatchObject({
      status: "SUCCESS",
      result: {
        rates: ["0x5f5e100", "0x2faf0800", "0x7a120"],
        meaning: { numRatesFlags: { triplet: true } },
      },
    });
    const protocols = call("base", "BASE_DISCOVER_LIST_PROTOCOLS", {}, true);
    expect(protocols.result).toMatchObject({
      status: "SUCCESS",
      result: { numProtocols: 3, protocols: [0x11, 0x14, 0x16] },
    });
    expect(protocols.result.transfers.map(({ status }: { status: string }) => status)).toEqual([
      "SUCCESS",
      "INVALID_PARAMETERS",
    ]);
  });

  test("that fails is the failure", () => {
    expect(call("clock", "CLOCK_DESCRIBE_RATES", { clockId: 99 }, true).result).toMatchObject({
      status: "NOT_FOUND",
      result: { status: "NOT_FOUND" },
      transfers: [{ status: "NOT_FOUND" }],
    });
    host.fault({ action: "busy", message: "CLOCK_DESCRIBE_RATES" }, 1);
    const stuck = call("clock", "CLOCK_DESCRIBE_RATES", { clockId: 0 }, true);
    expect([stuck.result.status, stuck.events.length]).toEqual([null, 1]);
  });

  test("goes with bytes too, and is refused where there is nothing to walk", () => {
    const payload = "0000000014000000";
    const bytes = { protocol: 0x14, message: 4, payload, all: true } as const;
    expect(host.when({ kind: "scmi", domain: "red", call: bytes }).result.result.rates).toHaveLength(5);
    expect(call("clock", "CLOCK_RATE_GET", { clockId: 0 }, true).problem?.code).toBe("scmi-invalid-params");
  });

  test("a firmware that never ends does not keep us", () => {
    host.fault({ action: "pad", value: 8, message: "BASE_DISCOVER_LIST_PROTOCOLS" });
    expect(call("base", "BASE_DISCOVER_LIST_PROTOCOLS", {}, true).events.length).toBeLessThan(10);
  });
});
