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
  /** Files of the partial device trees of dom0less domains, as written, by the name of the domain's node below /chosen. */
  readonly partialTrees: { readonly [domain: string]: string };
}

export const SERIES_VERSIONS = ["bsp", "v3", "v4", "v5", "v6", "v7", "v8", "v9", "v10", "v11"] as const;
/**
 * Version of the "SCI SCMI SMC multi-agent" series, oldest first: v3 and v4 are the RFCs, `bsp` is what a Xen 4.19 fork for the
 * Raspberry Pi 5 ships, which is older than all of them.
 */
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
/** A protocol that a board has: a standard one by name, a vendor's own by its id, from 0x80 to 0xff. */
export type ListedProtocol = ProtocolName | number;

/** What an agent may do to a resource of profile `imx`, ascending: each level allows what those before it do. */
export const ACCESS_LEVELS = ["NONE", "GET", "NOTIFY", "SET", "PRIV", "EXCLUSIVE"] as const;
export type AccessLevel = (typeof ACCESS_LEVELS)[number];

/** What levels are given for, by id. */
export const LEVEL_KINDS = [
  "power",
  "performance",
  "clock",
  "sensor",
  "reset",
  "voltage",
  "pin",
  "device",
  "agent",
] as const;
export type LevelKind = (typeof LEVEL_KINDS)[number];

/** The levels of one agent: by kind and id; `default` where none is given. */
export type AgentLevels = {
  readonly [Kind in LevelKind]: { readonly [id: string]: AccessLevel };
} & {
  readonly default: AccessLevel;
  readonly system: AccessLevel | null;
};

/** A logical machine of profile `imx`: its agents see only each other, numbered from 1 in this order. */
export interface InstanceConfig {
  readonly id: number;
  readonly name: string;
  readonly agents: readonly number[];
}

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
  readonly protocols: readonly ListedProtocol[];
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
  readonly performanceDomains: readonly PerformanceDomainConfig[];
  readonly sensors: readonly SensorConfig[];
  readonly voltageDomains: readonly VoltageDomainConfig[];
  readonly powerCaps: readonly PowerCapConfig[];
  readonly pins: readonly PinConfig[];
  readonly groups: readonly PinGroupConfig[];
  readonly functions: readonly PinFunctionConfig[];
  /** What the system power protocol can do, or null: the board says nothing of it. */
  readonly systemPower: SystemPowerConfig | null;
  readonly devices: readonly DeviceConfig[];
  readonly deviceOwnership: "shared" | "exclusive";
  /** Reported number of agents, or null: as many as are listed. */
  readonly agentCount: number | null;
  /** Profile `imx`: its logical machines; none listed: one with all agents. */
  readonly instances: readonly InstanceConfig[];
  /** Profile `imx`: what agents may do, by agent id; an agent that is not here may do nothing. */
  readonly levels: { readonly [agentId: string]: AgentLevels };
}

export const AGENT_TYPES = ["ospm", "psci", "management"] as const;
export type AgentType = (typeof AGENT_TYPES)[number];

/** An agent that the firmware knows: who rings `funcId` with the page at `shmem` is `id`. */
export interface AgentConfig {
  readonly id: number;
  readonly name: string;
  readonly funcId: number;
  readonly shmem: number;
  /** Page of its platform-to-agent channel; null: it has none, and gets no notifications. */
  readonly p2a?: number | null;
  readonly type?: AgentType;
  /** Protocols that it may not use. */
  readonly deniedProtocols?: readonly ProtocolName[];
}

export interface PowerDomainConfig {
  readonly id: number;
  readonly name: string;
  readonly parent: number | null;
  readonly alwaysOn: boolean;
  readonly initial: "on" | "off";
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
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
  /** Clocks that it can be fed from, in the order described. */
  readonly parents?: readonly number[];
  /** The one of `parents` that feeds it at power-on, or null: it has none. */
  readonly parent?: number | null;
  /** Types of its extended configurations: 1 duty cycle, 2 phase, 128 to 255 the vendor's own. */
  readonly extendedConfigs?: readonly number[];
  /** Whether its rate can be set asynchronously, where the firmware does such things. */
  readonly async?: boolean;
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

export interface ResetConfig {
  readonly id: number;
  readonly name: string;
  /** Whether it can be reset asynchronously, where the firmware does such things. */
  readonly async?: boolean;
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

export interface PerformanceLevelConfig {
  readonly value: number;
  /** In the firmware's unit of power; 0 is unknown. */
  readonly powerCost: number;
  readonly latencyUs: number;
  readonly frequencyKhz: number;
}

export interface PerformanceDomainConfig {
  readonly id: number;
  readonly name: string;
  /** At least one, ascending by value. */
  readonly levels: readonly PerformanceLevelConfig[];
  /** Level at power-on: a value of `levels`, or an index in it. */
  readonly level: number;
  /** Whether messages name levels by their index; null: as the profile has it. */
  readonly levelIndexing: boolean | null;
  /** Levels that can be set at power-on, as `level` names them; null: all. */
  readonly limits: { readonly min: number; readonly max: number } | null;
  readonly sustainedFreqKhz: number;
  readonly sustainedLevel: number;
  readonly rateLimitUs: number;
  /** Whether it tells of changes of its level and limits. */
  readonly notifications: boolean;
  readonly fastChannels: readonly FastChannelConfig[];
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

/** A fast channel as the firmware describes it. What lies there is not modelled. */
export interface FastChannelConfig {
  /** The command that it stands for. */
  readonly message:
    | "PERFORMANCE_LIMITS_SET"
    | "PERFORMANCE_LIMITS_GET"
    | "PERFORMANCE_LEVEL_SET"
    | "PERFORMANCE_LEVEL_GET";
  readonly address: number;
  readonly rateLimitUs: number;
  readonly doorbell: {
    readonly address: number;
    readonly width: 8 | 16 | 32 | 64;
    readonly setMask: number;
    readonly preserveMask: number;
  } | null;
}

/** What a sensor or an axis of one measures. */
export interface MeasuredConfig {
  readonly name: string;
  /** SCMI's number of the type, e.g. 2 for degrees Celsius. */
  readonly type: number;
  /** Power of ten by which a reading is to be multiplied. */
  readonly exponent: number;
  readonly reading: number;
  readonly extended: ExtendedAttributesConfig | null;
}

export interface ExtendedAttributesConfig {
  readonly powerUw: number;
  readonly resolution: number;
  readonly resolutionExponent: number;
  readonly min: number;
  readonly max: number;
}

export interface SensorConfig extends MeasuredConfig {
  readonly id: number;
  /** Number of trip points. */
  readonly tripPoints: number;
  /** Power of ten of its timestamps' unit in seconds, or false: it has none. */
  readonly timestamp: number | false;
  /** Axes by index; empty: it has one reading of its own. */
  readonly axes: readonly MeasuredConfig[];
  /** Update intervals in µs, ascending; empty: it has none, or a range. */
  readonly updateIntervals: readonly number[];
  readonly updateIntervalRange: { readonly min: number; readonly max: number; readonly step: number } | null;
  /** Whether it is enabled at power-on; null: as the profile has it. */
  readonly enabled: boolean | null;
  /** Whether it can tell of every update. */
  readonly continuous: boolean;
  /** Whether it can be read asynchronously, where the firmware does such things. */
  readonly async?: boolean;
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

export interface VoltageDomainConfig {
  readonly id: number;
  readonly name: string;
  /** Levels in µV, ascending; or null where `range` is given. */
  readonly levels: readonly number[] | null;
  readonly range: { readonly min: number; readonly max: number; readonly step: number } | null;
  /** Level at power-on, µV. */
  readonly level: number;
  /** Mode at power-on. */
  readonly mode: "on" | "off";
  /** Whether its level can be set asynchronously, where the firmware does such things. */
  readonly async?: boolean;
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

/** Caps, or intervals in µs. Where min and max are alike, what it is about cannot be set, and step is 0. */
export interface CapRange {
  readonly min: number;
  readonly max: number;
  readonly step: number;
}

/** One of the concurrent limits of a power capping domain. */
export interface CapLimitConfig {
  readonly name: string;
  readonly range: CapRange;
  /** Cap at power-on; 0: none. */
  readonly cap: number;
  readonly caiRange: CapRange;
  /** Capping interval at power-on, µs. */
  readonly cai: number;
}

/** A power capping domain, which is its own limit 0. */
export interface PowerCapConfig extends CapLimitConfig {
  readonly id: number;
  readonly parent: number | null;
  readonly unit: "abstract" | "uW" | "mW";
  readonly paiRange: CapRange;
  /** Averaging interval at power-on, µs. */
  readonly pai: number;
  /** Limits 1 and up. */
  readonly limits: readonly CapLimitConfig[];
  readonly sustainablePower: number;
  readonly accuracy: number;
  /** Power that is measured, or null: it is not. */
  readonly power: number | null;
  /** Whether its cap can be set asynchronously, where the firmware does such things. */
  readonly async?: boolean;
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

export interface PinConfig {
  readonly id: number;
  readonly name: string;
  /** Function at power-on, or null: none. */
  readonly function: number | null;
  /** Functions that the values 1, 2, … of its multiplexer select; null where one selects none. */
  readonly alternates: readonly (number | null)[];
  /** Its id counts, but it is not there (fused off). */
  readonly absent?: boolean;
}

export interface PinGroupConfig {
  readonly id: number;
  readonly name: string;
  readonly pins: readonly number[];
}

/** A function of pins: either `groups` or `pins` can have it, the other is null. */
export interface PinFunctionConfig {
  readonly id: number;
  readonly name: string;
  readonly groups: readonly number[] | null;
  readonly pins: readonly number[] | null;
  readonly gpio: boolean;
}

export interface SystemPowerConfig {
  readonly warmReset: boolean;
  readonly suspend: boolean;
}

/** An SCMI device: a group of resources that a permission covers together. */
export interface DeviceConfig {
  readonly id: number;
  readonly name: string;
  readonly powerDomains: readonly number[];
  readonly clocks: readonly number[];
  readonly resets: readonly number[];
  readonly performanceDomains: readonly number[];
  readonly sensors: readonly number[];
  readonly voltageDomains: readonly number[];
  readonly powerCaps: readonly number[];
  readonly pins: readonly number[];
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
  /** The files of `xen.partialTrees`, in order; left out where there are none. */
  readonly partialTrees?: readonly PartialTreeBytes[];
}

/** The partial device tree of a dom0less domain, whose node below /chosen has this name. */
export interface PartialTreeBytes {
  readonly domain: string;
  /** Flattened (.dtb). */
  readonly tree: Uint8Array;
}
