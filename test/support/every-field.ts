import type { FirmwareConfig } from "#config/board/board.ts";

const extended = { powerUw: 10, resolution: 5, resolutionExponent: -1, min: -4000, max: 12_500 };
const axis = { name: "x", type: 89, exponent: -3, reading: -9810, extended };

const caps = { min: 1000, max: 9000, step: 100 };

/** One of everything that the example of the design has none of, with every field. */
export const EVERY_FIELD: Pick<
  FirmwareConfig,
  | "performanceDomains"
  | "sensors"
  | "systemPower"
  | "voltageDomains"
  | "powerCaps"
  | "pins"
  | "groups"
  | "functions"
  | "instances"
> = {
  performanceDomains: [
    {
      id: 0,
      name: "cpu",
      levels: [
        { value: 1_000_000, powerCost: 200, latencyUs: 500, frequencyKhz: 1_000_000 },
        { value: 2_000_000, powerCost: 900, latencyUs: 500, frequencyKhz: 2_000_000 },
      ],
      level: 1,
      levelIndexing: true,
      limits: { min: 0, max: 1 },
      sustainedFreqKhz: 2_000_000,
      sustainedLevel: 2_000_000,
      rateLimitUs: 100,
      notifications: true,
      fastChannels: [
        {
          message: "PERFORMANCE_LEVEL_SET",
          address: 0x4000_0000,
          rateLimitUs: 10,
          doorbell: { address: 0x4001_0000, width: 32, setMask: 1, preserveMask: 0xffff_fffe },
        },
      ],
      absent: false,
    },
  ],
  sensors: [
    {
      id: 0,
      name: "imu",
      type: 89,
      exponent: -3,
      reading: 0,
      extended,
      tripPoints: 2,
      timestamp: -6,
      axes: [axis, { ...axis, name: "y" }],
      updateIntervals: [1000, 100_000],
      updateIntervalRange: { min: 1000, max: 100_000, step: 1000 },
      enabled: true,
      continuous: true,
      async: true,
      absent: false,
    },
  ],
  systemPower: { warmReset: true, suspend: false },
  voltageDomains: [
    {
      id: 0,
      name: "vdd",
      levels: null,
      range: { min: -5000, max: 1_000_000, step: 5000 },
      level: 0,
      mode: "on",
      async: true,
      absent: false,
    },
  ],
  powerCaps: [
    {
      id: 0,
      name: "soc",
      parent: null,
      unit: "mW",
      range: caps,
      cap: 9000,
      paiRange: caps,
      pai: 2000,
      caiRange: caps,
      cai: 1500,
      limits: [{ name: "peak", range: caps, cap: 0, caiRange: caps, cai: 1100 }],
      sustainablePower: 5000,
      accuracy: 10,
      power: 3300,
      async: false,
      absent: false,
    },
  ],
  pins: [{ id: 0, name: "gpio0", function: 0, alternates: [0, null], absent: false }],
  groups: [{ id: 0, name: "all", pins: [0] }],
  functions: [
    { id: 0, name: "uart", groups: [0], pins: null, gpio: false },
    { id: 1, name: "gpio", groups: null, pins: [0], gpio: true },
  ],
  instances: [{ id: 0, name: "HOST", agents: [0, 1] }],
};
