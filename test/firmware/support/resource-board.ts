import type {
  FirmwareConfig,
  PerformanceDomainConfig,
  PerformanceLevelConfig,
  ProfileName,
  SensorConfig,
} from "#config/board/board.ts";
import { board, device } from "./boards.ts";

export function level(value: number, more: Partial<PerformanceLevelConfig> = {}): PerformanceLevelConfig {
  return { value, powerCost: 0, latencyUs: 0, frequencyKhz: value, ...more };
}

export function performanceDomain(
  id: number,
  name: string,
  more: Partial<PerformanceDomainConfig> = {},
): PerformanceDomainConfig {
  const levels = more.levels ?? [level(1000)];
  const highest = levels.at(-1);
  return {
    id,
    name,
    levels,
    level: levels[0]?.value ?? 0,
    levelIndexing: null,
    limits: null,
    sustainedFreqKhz: highest?.frequencyKhz ?? 0,
    sustainedLevel: highest?.value ?? 0,
    rateLimitUs: 0,
    notifications: true,
    fastChannels: [],
    ...more,
  };
}

export function sensor(id: number, name: string, more: Partial<SensorConfig> = {}): SensorConfig {
  return {
    id,
    name,
    type: 2,
    exponent: 0,
    reading: 0,
    extended: null,
    tripPoints: 0,
    timestamp: false,
    axes: [],
    updateIntervals: [],
    updateIntervalRange: null,
    enabled: null,
    continuous: false,
    ...more,
  };
}

export function axis(
  name: string,
  reading: number,
  more: Partial<SensorConfig["axes"][number]> = {},
): SensorConfig["axes"][number] {
  return { name, type: 89, exponent: -3, reading, extended: null, ...more };
}

const EXTENDED = { powerUw: 10, resolution: 5, resolutionExponent: -1, min: -4000, max: 12_500 };

/**
 * A board with performance domains and sensors of every sort, and system power. Agent 1 holds device 0, which guards domain 0 and
 * sensor 0; agent 2 holds nothing. Both kinds have a gap at id 2, and their highest id is 3.
 */
export function resourceBoard(profile: ProfileName, more: Partial<FirmwareConfig> = {}): FirmwareConfig {
  return board(profile, {
    protocols: ["system", "performance", "sensor"],
    systemPower: { warmReset: true, suspend: false },
    performanceDomains: [
      performanceDomain(0, "cpu", {
        levels: [500, 1000, 1500].map((value) =>
          level(value, { powerCost: value / 5, latencyUs: 10, frequencyKhz: value * 1000 }),
        ),
        level: 1000,
        rateLimitUs: 50,
        fastChannels: [
          { message: "PERFORMANCE_LIMITS_SET", address: 0x4000_0000, rateLimitUs: 0, doorbell: null },
          {
            message: "PERFORMANCE_LEVEL_SET",
            address: 0x1_4000_0010,
            rateLimitUs: 7,
            doorbell: { address: 0x4001_0000, width: 32, setMask: 0x1_0000_0001, preserveMask: 0xffff_fffe },
          },
        ],
      }),
      performanceDomain(1, "gpu-with-a-long-name", {
        levels: [100, 200, 300, 400].map((value) => level(value)),
        level: 200,
        levelIndexing: true,
        limits: { min: 1, max: 400 },
        notifications: false,
      }),
      performanceDomain(3, "many", { levels: Array.from({ length: 12 }, (_, i) => level(10 + i)) }),
    ],
    sensors: [
      sensor(0, "temp", {
        exponent: -2,
        reading: 2525,
        tripPoints: 2,
        timestamp: -6,
        updateIntervals: [1000, 10_000, 1_000_000],
        continuous: true,
      }),
      sensor(1, "imu-with-a-long-name", {
        type: 89,
        exponent: -3,
        axes: [
          axis("x", -9810),
          axis("y-with-a-long-name", 12, { extended: EXTENDED }),
          axis("z", 0x1_0000_0002),
        ],
        updateIntervalRange: { min: 1000, max: 5000, step: 1500 },
      }),
      sensor(3, "volt", { type: 5, reading: -5, extended: EXTENDED, enabled: false }),
    ],
    devices: [device(0, { performanceDomains: [0], sensors: [0], defaultAccess: [1] })],
    ...more,
  });
}

/** A text of so many bytes, as the words of a message. */
export function nameWords(name: string, bytes: 16 | 64): number[] {
  const field = new Uint8Array(bytes);
  new TextEncoder().encodeInto(name, field.subarray(0, bytes - 1));
  const view = new DataView(field.buffer);
  return Array.from({ length: bytes / 4 }, (_, i) => view.getUint32(4 * i, true));
}
