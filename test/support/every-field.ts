import type { FirmwareConfig } from "#config/board.ts";

const extended = { powerUw: 10, resolution: 5, resolutionExponent: -1, min: -4000, max: 12_500 };
const axis = { name: "x", type: 89, exponent: -3, reading: -9810, extended };

/** One of everything that the example of the design has none of, with every field. */
export const EVERY_FIELD: Pick<FirmwareConfig, "performanceDomains" | "sensors" | "systemPower"> = {
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
      absent: false,
    },
  ],
  systemPower: { warmReset: true, suspend: false },
};
