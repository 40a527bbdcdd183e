import { describe, expect, test } from "vitest";
import { type FirmwareConfig, PROTOCOL_NAMES, type ProfileName } from "#config/board/board.ts";
import { agents, board, clock, device, powerDomain } from "./support/boards.ts";
import { TestFirmware } from "./support/firmware.ts";
import { LinuxAgent } from "./support/linux-agent.ts";
import { pin, powerCap, voltageDomain } from "./support/power-and-pins.ts";
import { axis, level, performanceDomain, sensor } from "./support/resource-board.ts";

/**
 * What a Linux kernel asks (scmi-reference.md, Appendix C; attach-reference.md 3). No answer may be another than it expects: one
 * unexpected status, and a driver gives up.
 */

/** A board with two and more of everything, without gaps: a kernel takes every id below the count. */
function wholeBoard(profile: ProfileName, more: Partial<FirmwareConfig> = {}): FirmwareConfig {
  return board(profile, {
    agents: agents(3).map((agent) => ({ ...agent, p2a: 0x4800_0000 + agent.id * 0x1000 })),
    protocols: [...PROTOCOL_NAMES],
    powerDomains: [powerDomain(0, "always-on", { alwaysOn: true }), powerDomain(1, "video-and-display-x")],
    systemPower: { warmReset: true, suspend: true },
    performanceDomains: [
      performanceDomain(0, "cpu-cluster-of-a-long-name", {
        levels: Array.from({ length: 9 }, (_, i) => level(500 + 100 * i)),
      }),
      performanceDomain(1, "gpu"),
    ],
    clocks: [
      clock(0, "osc"),
      clock(1, "gpu-core-and-its-caches", {
        rates: null,
        range: { min: 1_000_000, max: 8_000_000_000, step: 1_000_000 },
        rate: 1_000_000,
      }),
      clock(2, "mux", {
        rates: Array.from({ length: 30 }, (_, i) => 1000 * (i + 1)),
        rate: 1000,
        parents: [0, 1],
        parent: 0,
      }),
    ],
    sensors: [
      sensor(0, "temp", { tripPoints: 1, timestamp: -6 }),
      sensor(1, "imu-of-a-long-name", { type: 89, axes: [axis("x", 1), axis("y", 2)] }),
      ...Array.from({ length: 7 }, (_, i) => sensor(2 + i, `s${i}`)),
    ],
    resets: [
      { id: 0, name: "i2c1" },
      { id: 1, name: "a-reset-of-a-long-name" },
    ],
    voltageDomains: [
      voltageDomain(0, "core", {
        levels: null,
        range: { min: -1000, max: 900_000, step: 100 },
        level: 0,
      }),
      voltageDomain(1, "gpu-and-display-rail", { levels: Array.from({ length: 40 }, (_, i) => i * 1000) }),
    ],
    powerCaps: [
      powerCap(0, "soc", { range: { min: 1000, max: 9000, step: 100 }, cap: 9000, power: 3300 }),
      powerCap(1, "gpu-and-display-unit", { parent: 0 }),
    ],
    pins: Array.from({ length: 60 }, (_, id) => pin(id, id === 7 ? "a-pin-of-a-long-name" : `gpio${id}`)),
    groups: [
      { id: 0, name: "uart", pins: [0, 1] },
      { id: 1, name: "every-pin-of-the-board", pins: Array.from({ length: 60 }, (_, id) => id) },
    ],
    functions: [
      { id: 0, name: "f_uart", groups: [0], pins: null, gpio: false },
      { id: 1, name: "f_gpio", groups: null, pins: Array.from({ length: 60 }, (_, id) => id), gpio: true },
    ],
    devices: [
      device(0, {
        powerDomains: [1],
        clocks: [1, 2],
        resets: [0],
        voltageDomains: [0],
        powerCaps: [0],
        pins: [0, 1],
        performanceDomains: [0],
        defaultAccess: [1],
      }),
    ],
    ...more,
  });
}

describe.each([
  ["who holds the devices", 1],
  ["who holds nothing", 2],
] as const)("v32: a kernel %s", (_, agentId) => {
  test("probes every protocol", () => {
    const linux = new LinuxAgent(new TestFirmware(wholeBoard("v32")), agentId);
    expect(linux.probe()).toEqual(wholeBoard("v32").protocols);
    expect(linux.complaints).toEqual([]);
    expect(linux.sent).toBeGreaterThan(150);
  });

  test("probes a board of 128-byte channels, and one of pages", () => {
    for (const maxListPayload of [92, 4068]) {
      const linux = new LinuxAgent(
        new TestFirmware(wholeBoard("v32", { switches: { maxListPayload, notifications: false } })),
        agentId,
      );
      linux.probe();
      expect(linux.complaints).toEqual([]);
    }
  });

  test("probes power capping of 3.0", () => {
    const linux = new LinuxAgent(
      new TestFirmware(
        wholeBoard("v32", {
          protocols: ["powercap"],
          switches: { powercapVersion: "3.0", notifications: false },
        }),
      ),
      agentId,
    );
    linux.probe();
    expect(linux.complaints).toEqual([]);
  });
});

describe("v32: what drivers do with what they have probed", () => {
  /** Sends each message; gives the complaints. */
  function play(...messages: [protocol: string, message: string, ...payload: number[]][]): string[] {
    const linux = new LinuxAgent(new TestFirmware(wholeBoard("v32")), 1);
    linux.probe();
    linux.complaints.length = 0;
    for (const message of messages) linux.send(...message);
    return linux.complaints;
  }

  test("a device is powered, clocked, taken out of reset, and all back", () => {
    const complaints = play(
      ["power", "POWER_STATE_SET", 0, 1, 0],
      ["power", "POWER_STATE_GET", 1],
      ["clock", "CLOCK_PARENT_SET", 2, 1],
      ["clock", "CLOCK_RATE_SET", 0x8, 1, 400_000_000, 0],
      ["clock", "CLOCK_CONFIG_SET", 1, 1, 0],
      ["clock", "CLOCK_RATE_GET", 1],
      ["reset", "RESET", 0, 1, 0],
      ["reset", "RESET", 0, 2, 0],
      ["reset", "RESET", 0, 0, 0],
      ["clock", "CLOCK_CONFIG_SET", 1, 0, 0],
      ["power", "POWER_STATE_SET", 0, 1, 0x4000_0000],
    );
    expect(complaints).toEqual([]);
  });

  test("pins are requested, configured and released", () => {
    const complaints = play(
      ["pinctrl", "PINCTRL_REQUEST", 0, 1],
      ["pinctrl", "PINCTRL_SETTINGS_CONFIGURE", 0, 0, (1 << 10) | (2 << 2) | 1, 4, 1, 10, 8],
      ["pinctrl", "PINCTRL_SETTINGS_GET", 0, (1 << 18) | (1 << 16)],
      ["pinctrl", "PINCTRL_SETTINGS_CONFIGURE", 1, 0xffff_ffff, 1 << 2, 15, 1],
      ["pinctrl", "PINCTRL_RELEASE", 0, 1],
    );
    expect(complaints).toEqual([]);
  });

  test("a regulator is set and switched, a power zone capped and let go", () => {
    const complaints = play(
      ["voltage", "VOLTAGE_LEVEL_SET", 0, 0, 500_000],
      ["voltage", "VOLTAGE_CONFIG_SET", 0, 7],
      ["voltage", "VOLTAGE_CONFIG_SET", 0, 0],
      ["powercap", "POWERCAP_CAP_SET", 0, 0, 5555],
      ["powercap", "POWERCAP_CAP_SET", 0, 0, 0],
      ["powercap", "POWERCAP_CAP_GET", 0],
      ["powercap", "POWERCAP_CAP_NOTIFY", 0, 1],
    );
    expect(complaints).toEqual([]);
  });
});

test("ref: a kernel probes what the reference firmware serves", () => {
  const linux = new LinuxAgent(new TestFirmware(wholeBoard("ref", { protocols: ["power", "reset"] })), 1);
  linux.probe();
  expect(linux.complaints).toEqual([]);
});
