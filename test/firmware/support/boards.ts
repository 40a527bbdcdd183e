import type {
  ClockConfig,
  DeviceConfig,
  FirmwareConfig,
  PowerDomainConfig,
  ProfileName,
} from "#config/board/board.ts";
import { LATER_DEVICE, LATER_FIRMWARE } from "#config/board/defaults.ts";

/** `count` agents as on the reference boards: pages from 0x47ff0000, function ids from 0x82000002. */
export function agents(count: number): FirmwareConfig["agents"] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `agent-${id}`,
    funcId: 0x8200_0002 + id,
    shmem: 0x47ff_0000 + id * 0x1000,
  }));
}

export function powerDomain(
  id: number,
  name: string,
  more: Partial<PowerDomainConfig> = {},
): PowerDomainConfig {
  return { id, name, parent: null, alwaysOn: false, initial: "off", ...more };
}

export function clock(id: number, name: string, more: Partial<ClockConfig> = {}): ClockConfig {
  return {
    id,
    name,
    rates: [24_000_000],
    range: null,
    rate: 24_000_000,
    enabled: false,
    fixed: false,
    ...more,
  };
}

export function device(id: number, more: Partial<DeviceConfig> = {}): DeviceConfig {
  return {
    id,
    name: `device-${id}`,
    powerDomains: [],
    clocks: [],
    resets: [],
    ...LATER_DEVICE,
    defaultAccess: "none",
    staticOwner: null,
    ...more,
  };
}

export function board(profile: ProfileName, more: Partial<FirmwareConfig> = {}): FirmwareConfig {
  return {
    profile,
    switches: {},
    permissionPolicy: "device-bitmask",
    vendor: "EPAM",
    subVendor: "",
    implementationVersion: 0,
    trustedAgents: [0],
    protocols: ["power", "reset", "clock"],
    supports: {
      discoverAgent: true,
      setDevicePermissions: true,
      setProtocolPermissions: false,
      resetAgentConfiguration: true,
    },
    agents: agents(3),
    powerDomains: [],
    clocks: [],
    resets: [],
    devices: [],
    deviceOwnership: "shared",
    agentCount: null,
    ...LATER_FIRMWARE,
    ...more,
  };
}

/**
 * A board with something of everything: agent 1 holds device 0, which guards a resource of each kind; agent 2 holds nothing;
 * device 1 is everybody's; device 3 is agent 2's to have. Every kind of id has a gap below its highest, 3.
 */
export function fullBoard(profile: ProfileName, more: Partial<FirmwareConfig> = {}): FirmwareConfig {
  return board(profile, {
    powerDomains: [
      powerDomain(0, "always-on", { alwaysOn: true }),
      powerDomain(1, "gpu", { parent: 0 }),
      powerDomain(3, "video-and-display", { parent: 1 }),
    ],
    clocks: [
      clock(0, "uart", { rates: [1_843_200, 24_000_000] }),
      clock(1, "gpu", {
        rates: null,
        range: { min: 100_000_000, max: 8_000_000_000, step: 1_000_000 },
        rate: 400_000_000,
        enabled: true,
      }),
      clock(3, "core", { rates: [1_000_000_000], rate: 1_000_000_000, enabled: true, fixed: true }),
    ],
    resets: [
      { id: 0, name: "i2c1" },
      { id: 1, name: "a-name-of-twenty-two-b" },
      { id: 3, name: "spare" },
    ],
    devices: [
      device(0, { powerDomains: [1], clocks: [0, 3], resets: [0], defaultAccess: [1] }),
      device(1, { clocks: [1], defaultAccess: "all" }),
      device(3, { staticOwner: 2 }),
    ],
    ...more,
  });
}
