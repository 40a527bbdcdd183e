/**
 * The board's description after validation: what `board.yaml` says, with every default filled in, so that the log can keep it
 * and no later reader has to guess. Numbers are numbers (addresses and function ids too: all are below 2^53).
 */
export interface Board {
  readonly name: string;
  /** Path of the host device tree as written in the board file. */
  readonly deviceTree: string;
  readonly xen: XenConfig;
  readonly firmware: FirmwareConfig;
  /** xl.cfg files of the toolstack domains created after every host boot, as written, in order. */
  readonly autostart: readonly string[];
}

export interface XenConfig {
  readonly mediator: "multi-agent" | "single-agent" | "none";
  /** Version of the patch series, where behaviour differs. */
  readonly version: SeriesVersion;
  /** SMCCC version that the firmware reports, e.g. "1.2". */
  readonly smccc: string;
  readonly acpi: boolean;
  /** Whether the host has an IOMMU that Xen drives. */
  readonly iommu: boolean;
  /** Xen's command line. */
  readonly cmdline: string;
}

export const SERIES_VERSIONS = ["v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11"] as const;
/** Version of the "SCI SCMI SMC multi-agent" series: v3 and v4 are the RFCs. */
export type SeriesVersion = (typeof SERIES_VERSIONS)[number];

export const PROFILES = ["v32", "ref", "ref-rcar", "ref-rpi5", "tfa", "scp", "imx"] as const;
export type ProfileName = (typeof PROFILES)[number];

export const PROTOCOL_NAMES = [
  "power",
  "system",
  "performance",
  "clock",
  "sensor",
  "reset",
  "voltage",
  "powercap",
  "pinctrl",
] as const;
/** Protocol as the board file names it; base (0x10) is always there and never listed. */
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

export interface FirmwareConfig {
  readonly profile: ProfileName;
  /** Overrides of the profile's behaviour switches, by name. */
  readonly switches: { readonly [name: string]: string | number | boolean };
  readonly permissionPolicy: "device-bitmask";
  readonly vendor: string;
  readonly subVendor: string;
  readonly implementationVersion: number;
  /** Agents that may set permissions and reset agents. */
  readonly trustedAgents: readonly number[];
  /** In the order that BASE_DISCOVER_LIST_PROTOCOLS tells. */
  readonly protocols: readonly ProtocolName[];
  readonly supports: {
    readonly discoverAgent: boolean;
    readonly setDevicePermissions: boolean;
    readonly setProtocolPermissions: boolean;
    readonly resetAgentConfiguration: boolean;
  };
  readonly agents: readonly AgentConfig[];
  readonly powerDomains: readonly PowerDomainConfig[];
  readonly clocks: readonly ClockConfig[];
  readonly resets: readonly ResetConfig[];
  readonly devices: readonly DeviceConfig[];
  readonly deviceOwnership: "shared" | "exclusive";
  /** Reported number of agents, or null: as many as are listed. */
  readonly agentCount: number | null;
}

/** An agent that the firmware knows: who rings `funcId` with the page at `shmem` is `id`. */
export interface AgentConfig {
  readonly id: number;
  readonly name: string;
  readonly funcId: number;
  readonly shmem: number;
}

export interface PowerDomainConfig {
  readonly id: number;
  readonly name: string;
  readonly parent: number | null;
  readonly alwaysOn: boolean;
  readonly initial: "on" | "off";
}

export interface ClockConfig {
  readonly id: number;
  readonly name: string;
  /** Rates in Hz, ascending as listed; or null where `range` is given. */
  readonly rates: readonly number[] | null;
  readonly range: { readonly min: number; readonly max: number; readonly step: number } | null;
  /** Rate at power-on, Hz. */
  readonly rate: number;
  /** Whether it runs at power-on. */
  readonly enabled: boolean;
  /** Accepts any RATE_SET and CONFIG_SET and changes nothing. */
  readonly fixed: boolean;
}

export interface ResetConfig {
  readonly id: number;
  readonly name: string;
}

/** An SCMI device: a group of resources that a permission covers together. */
export interface DeviceConfig {
  readonly id: number;
  readonly name: string;
  readonly powerDomains: readonly number[];
  readonly clocks: readonly number[];
  readonly resets: readonly number[];
  /** Agents that have the permission at power-on, beside what the profile gives. */
  readonly defaultAccess: "none" | "all" | readonly number[];
  /** The agent that the device is reserved for, or null. It does not grant. */
  readonly staticOwner: number | null;
}

/** All that a host is configured from, with every file's content: what `host.configured` records. */
export interface HostDescription {
  readonly board: Board;
  /** The host device tree, flattened (.dtb). */
  readonly deviceTree: Uint8Array;
  /** The xl.cfg files of `autostart`, in order. */
  readonly autostart: readonly { readonly file: string; readonly text: string }[];
}
