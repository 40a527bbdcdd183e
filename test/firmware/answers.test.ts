import { describe, expect, test } from "vitest";
import { board, clock, fullBoard } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";

/** Sixteen bytes of a name as words. */
function name16(name: string): number[] {
  return nameWords(name, 16);
}

function nameWords(name: string, bytes: number): number[] {
  const field = new Uint8Array(bytes);
  field.set(new TextEncoder().encode(name));
  const view = new DataView(field.buffer);
  return Array.from({ length: bytes / 4 }, (_, i) => view.getUint32(4 * i, true));
}

describe("what both profiles answer", () => {
  test.each(["ref", "v32"] as const)("%s: base", (profile) => {
    const firmware = new TestFirmware(
      fullBoard(profile, {
        protocols: ["power", "reset", "clock", "sensor"],
        agentCount: 8,
        subVendor: "a vendor of more than 15",
        implementationVersion: 0xdead_beef,
      }),
    );
    const base = (message: string, ...payload: number[]) => firmware.call(1, "base", message, ...payload);
    expect(base("PROTOCOL_VERSION")).toEqual([0, 0x2_0000]);
    expect(base("PROTOCOL_ATTRIBUTES")).toEqual([0, 0x804]);
    expect(base("PROTOCOL_MESSAGE_ATTRIBUTES", 0xb)).toEqual([0, 0]);
    expect(base("BASE_DISCOVER_VENDOR")).toEqual([0, ...name16("EPAM")]);
    expect(base("BASE_DISCOVER_SUB_VENDOR")).toEqual([0, ...name16("a vendor of mor")]);
    expect(base("BASE_DISCOVER_IMPLEMENTATION_VERSION")).toEqual([0, 0xdead_beef]);
    expect(base("BASE_DISCOVER_LIST_PROTOCOLS", 0)).toEqual([0, 4, 0x1514_1611]);
    expect(base("BASE_DISCOVER_AGENT", 0)).toEqual([0, 0, ...name16("agent-0")]);
    expect(base("BASE_DISCOVER_AGENT", 0xffff_ffff)).toEqual([0, 1, ...name16("agent-1")]);
  });

  test.each(["ref", "v32"] as const)("%s: counts are the highest id + 1", (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    const pending = profile === "ref" ? 0x1_0000 : 0;
    expect(firmware.call(2, "power", "PROTOCOL_ATTRIBUTES")).toEqual([0, 4, 0, 0, 0]);
    expect(firmware.call(2, "clock", "PROTOCOL_ATTRIBUTES")).toEqual([0, 4 | pending]);
    expect(firmware.call(2, "reset", "PROTOCOL_ATTRIBUTES")).toEqual([0, 4]);
  });

  test.each(["ref", "v32"] as const)("%s: clock rates and states follow what is set", (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    const clocks = (message: string, ...payload: number[]) => firmware.call(1, "clock", message, ...payload);
    expect(clocks("CLOCK_RATE_GET", 0)).toEqual([0, 24_000_000, 0]);
    expect(clocks("CLOCK_RATE_SET", 0, 0, 1_843_200, 0)).toEqual([0]);
    expect(clocks("CLOCK_RATE_GET", 0)).toEqual([0, 1_843_200, 0]);

    expect(clocks("CLOCK_RATE_SET", 0, 1, 8_000_000_000 % 2 ** 32, 1)).toEqual([0]);
    expect(clocks("CLOCK_RATE_GET", 1)).toEqual([0, 8_000_000_000 % 2 ** 32, 1]);
    expect(firmware.state.clock.get(1)).toEqual({ rate: 8_000_000_000, enabled: true });
    for (const rate of [99_000_000, 100_500_000]) {
      expect(firmware.status(1, "clock", "CLOCK_RATE_SET", 0, 1, rate, 0)).toBe("INVALID_PARAMETERS");
    }
    expect(firmware.status(1, "clock", "CLOCK_RATE_SET", 0, 1, 0, 0xffff_ffff)).toBe("INVALID_PARAMETERS");

    expect(clocks("CLOCK_CONFIG_SET", 0, 1)).toEqual([0]);
    const enabled = () => (clocks("CLOCK_ATTRIBUTES", 0)[1] ?? 0) & 1;
    expect(enabled()).toBe(1);
    expect(clocks("CLOCK_CONFIG_SET", 0, 0)).toEqual([0]);
    expect(enabled()).toBe(0);
  });

  test.each(["ref", "v32"] as const)("%s: a fixed clock takes every setting and keeps its own", (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    for (const [message, ...payload] of [
      ["CLOCK_RATE_SET", 0, 3, 5, 0],
      ["CLOCK_CONFIG_SET", 3, 0],
    ] as const) {
      expect(firmware.status(1, "clock", message, ...payload)).toBe("SUCCESS");
      expect(firmware.status(2, "clock", message, ...payload)).toBe("DENIED");
    }
    expect(firmware.call(1, "clock", "CLOCK_RATE_GET", 3)).toEqual([0, 1_000_000_000, 0]);
    expect((firmware.call(1, "clock", "CLOCK_ATTRIBUTES", 3)[1] ?? 0) & 1).toBe(1);
  });

  test.each(["ref", "v32"] as const)("%s: a range is told as lowest, highest and step", (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    const [low, high] = [8_000_000_000 % 2 ** 32, 1];
    const answer = [0, 0x1003, 100_000_000, 0, low, high, 1_000_000, 0];
    expect(firmware.call(1, "clock", "CLOCK_DESCRIBE_RATES", 1, 0)).toEqual(answer);
  });

  test.each([
    ["ref", 10],
    ["v32", 11],
  ] as const)("%s: %i rates fit a message, and a walk finds them all", (profile, perMessage) => {
    const rates = Array.from({ length: 25 }, (_, i) => 1000 + i);
    const firmware = new TestFirmware(board(profile, { clocks: [clock(0, "pll", { rates })] }));
    const describeRates = (index: number) => firmware.call(1, "clock", "CLOCK_DESCRIBE_RATES", 0, index);
    expect(describeRates(0).slice(0, 4)).toEqual([0, ((25 - perMessage) << 16) | perMessage, 1000, 0]);
    const walked: number[] = [];
    for (let index = 0, remaining = 1; remaining > 0; ) {
      const [, word = 0, ...pairs] = describeRates(index);
      walked.push(...pairs.filter((_, i) => i % 2 === 0));
      index += word & 0xfff;
      remaining = word >>> 16;
    }
    expect(walked).toEqual(rates);
  });

  test.each(["ref", "v32"] as const)("%s: RESET keeps who asked last, and for what", (profile) => {
    const firmware = new TestFirmware(fullBoard(profile));
    expect(firmware.call(1, "reset", "RESET", 0, 3, 0)).toEqual([0]);
    expect(firmware.state.reset.get(0)).toEqual({ lastAgent: 1, lastFlags: 3, lastState: 0 });
    expect(firmware.call(2, "reset", "RESET", 3, 0, 0x8000_0001)).toEqual([0]);
    expect(firmware.state.reset.get(3)).toEqual({ lastAgent: 2, lastFlags: 0, lastState: 0x8000_0001 });
  });
});

test("ref: versions, attributes and names", () => {
  const firmware = new TestFirmware(fullBoard("ref"));
  expect(firmware.call(2, "power", "PROTOCOL_VERSION")).toEqual([0, 0x2_1000]);
  expect(firmware.call(2, "clock", "PROTOCOL_VERSION")).toEqual([0, 0x2_0000]);
  expect(firmware.call(2, "reset", "PROTOCOL_VERSION")).toEqual([0, 0x1_0000]);
  const domain = firmware.call(2, "power", "POWER_DOMAIN_ATTRIBUTES", 3);
  expect(domain).toEqual([0, 0, ...name16("video-and-displ")]);
  expect(firmware.call(2, "clock", "CLOCK_ATTRIBUTES", 0)).toEqual([0, 0, ...name16("uart")]);
  const reset = firmware.call(2, "reset", "RESET_DOMAIN_ATTRIBUTES", 1);
  expect(reset).toEqual([0, 0, 0x7fff_ffff, ...name16("a-name-of-twent")]);
});

test("ref: an agent below a given count is there, without a name", () => {
  const firmware = new TestFirmware(fullBoard("ref", { agentCount: 6 }));
  expect(firmware.call(1, "base", "BASE_DISCOVER_AGENT", 5)).toEqual([0, 5, 0, 0, 0, 0]);
  expect(firmware.status(1, "base", "BASE_DISCOVER_AGENT", 6)).toBe("INVALID_PARAMETERS");
  expect(firmware.status(0, "base", "BASE_SET_DEVICE_PERMISSIONS", 5, 0, 1)).toBe("SUCCESS");
  const v32 = new TestFirmware(fullBoard("v32", { agentCount: 6 }));
  expect(v32.status(1, "base", "BASE_DISCOVER_AGENT", 5)).toBe("NOT_FOUND");
});

test("v32: versions, attributes and names", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  expect(firmware.call(2, "power", "PROTOCOL_VERSION")).toEqual([0, 0x3_0001]);
  expect(firmware.call(2, "clock", "PROTOCOL_VERSION")).toEqual([0, 0x3_0000]);
  expect(firmware.call(2, "reset", "PROTOCOL_VERSION")).toEqual([0, 0x3_0001]);

  const domain = firmware.call(2, "power", "POWER_DOMAIN_ATTRIBUTES", 1);
  expect(domain).toEqual([0, 0xb000_0000, ...name16("gpu")]);
  const long = firmware.call(2, "power", "POWER_DOMAIN_ATTRIBUTES", 3);
  expect(long).toEqual([0, 0xb800_0000, ...name16("video-and-displ")]);
  const longName = firmware.call(2, "power", "POWER_DOMAIN_NAME_GET", 3);
  expect(longName).toEqual([0, 0, ...nameWords("video-and-display", 64)]);

  const reset = firmware.call(2, "reset", "RESET_DOMAIN_ATTRIBUTES", 1);
  expect(reset).toEqual([0, 0x6000_0000, 0xffff_ffff, ...name16("a-name-of-twent")]);
  const resetName = firmware.call(2, "reset", "RESET_DOMAIN_NAME_GET", 1);
  expect(resetName).toEqual([0, 0, ...nameWords("a-name-of-twenty-two-b", 64)]);
  expect(firmware.call(2, "clock", "CLOCK_NAME_GET", 0)).toEqual([0, 0, ...nameWords("uart", 64)]);
});

test("v32: a clock tells each agent what it may do with it", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  expect(firmware.call(1, "clock", "CLOCK_ATTRIBUTES", 3)).toEqual([0, 0xc000_0001, ...name16("core"), 0]);
  expect(firmware.call(1, "clock", "CLOCK_GET_PERMISSIONS", 3)).toEqual([0, 0xe000_0000]);
  expect(firmware.call(2, "clock", "CLOCK_ATTRIBUTES", 3)).toEqual([0, 0xc000_0003, ...name16("core"), 0]);
  expect(firmware.call(2, "clock", "CLOCK_GET_PERMISSIONS", 3)).toEqual([0, 0]);
});

test("v32: CLOCK_CONFIG_GET tells whether a clock runs", () => {
  const firmware = new TestFirmware(fullBoard("v32"));
  expect(firmware.call(2, "clock", "CLOCK_CONFIG_GET", 0, 0)).toEqual([0, 0, 0, 0]);
  expect(firmware.call(1, "clock", "CLOCK_CONFIG_SET", 0, 1, 0xffff_ffff)).toEqual([0]);
  expect(firmware.call(2, "clock", "CLOCK_CONFIG_GET", 0, 0)).toEqual([0, 0, 1, 0]);
});
