import type {
  AgentConfig,
  ClockConfig,
  DeviceConfig,
  FirmwareConfig,
  PerformanceDomainConfig,
  PinConfig,
  PinFunctionConfig,
  PinGroupConfig,
  PowerCapConfig,
  PowerDomainConfig,
  ResetConfig,
  SensorConfig,
  VoltageDomainConfig,
} from "#config/board/board.ts";
import { overridden, type Switches } from "#config/board/switches.ts";
import type { Profile } from "../profiles/profile.ts";
import { profileOf } from "../profiles.ts";

/** Resources of one kind, found by id. */
export interface Resources<Resource> {
  readonly byId: ReadonlyMap<number, Resource>;
  /** As the protocols tell it: the highest id + 1. */
  readonly count: number;
}

/** The kinds of resources that a device can list, by the names of their protocols. */
interface ResourceKinds {
  readonly power: PowerDomainConfig;
  readonly clock: ClockConfig;
  readonly reset: ResetConfig;
  readonly performance: PerformanceDomainConfig;
  readonly sensor: SensorConfig;
  readonly voltage: VoltageDomainConfig;
  readonly powercap: PowerCapConfig;
  readonly pinctrl: PinConfig;
}

export type ResourceKind = keyof ResourceKinds;

/** A board's firmware, arranged to be looked up: made once for a configuration. */
export interface BoardIndex {
  readonly config: FirmwareConfig;
  readonly profile: Profile;
  /** The profile's, with the board's overrides. */
  readonly switches: Switches;
  readonly agents: ReadonlyMap<number, AgentConfig>;
  readonly agentByFuncId: ReadonlyMap<number, AgentConfig>;
  /** Whether anything is denied that other firmware lets everybody read. */
  readonly isGated: boolean;
  /** Whether any agent has a platform-to-agent page. */
  readonly hasP2a: boolean;
  readonly resources: { readonly [Kind in ResourceKind]: Resources<ResourceKinds[Kind]> };
  /** Power domains whose parent is this one. */
  readonly powerChildren: ReadonlyMap<number, readonly number[]>;
  readonly pinGroups: Resources<PinGroupConfig>;
  readonly pinFunctions: Resources<PinFunctionConfig>;
  readonly devices: Resources<DeviceConfig>;
  /** The devices that list a resource: who may use one of them may change it. A resource that no device lists is not here. */
  readonly guards: Readonly<Record<ResourceKind, ReadonlyMap<number, readonly number[]>>>;
}

const INDEXES = new WeakMap<FirmwareConfig, BoardIndex>();

/** The index of a configuration. */
export function indexOf(config: FirmwareConfig): BoardIndex {
  const known = INDEXES.get(config);
  if (known !== undefined) return known;
  const made = makeIndex(config);
  INDEXES.set(config, made);
  return made;
}

function makeIndex(config: FirmwareConfig): BoardIndex {
  const profile = profileOf(config);
  const { keepsAbsent = false } = profile;
  const switches = overridden(profile.switches, config.switches);
  const isDenied = config.agents.some(({ deniedProtocols = [] }) => deniedProtocols.length > 0);
  return {
    config,
    profile,
    switches,
    isGated: isDenied || switches.attributesWhenDenied === "DENIED",
    agents: new Map(config.agents.map((agent) => [agent.id, agent])),
    agentByFuncId: new Map(config.agents.map((agent) => [agent.funcId, agent])),
    hasP2a: config.agents.some(({ p2a = null }) => p2a !== null),
    resources: {
      power: resources(config.powerDomains, keepsAbsent),
      clock: resources(config.clocks, keepsAbsent),
      reset: resources(config.resets, keepsAbsent),
      performance: resources(config.performanceDomains, keepsAbsent),
      sensor: resources(config.sensors, keepsAbsent),
      voltage: resources(config.voltageDomains, keepsAbsent),
      powercap: resources(config.powerCaps, keepsAbsent),
      pinctrl: resources(config.pins, keepsAbsent),
    },
    powerChildren: grouped(
      config.powerDomains.flatMap(({ id, parent }) => (parent === null ? [] : [[parent, id] as const])),
    ),
    pinGroups: resources(config.groups),
    pinFunctions: resources(config.functions),
    devices: resources(config.devices),
    guards: {
      power: guards(config, (device) => device.powerDomains),
      clock: guards(config, (device) => device.clocks),
      reset: guards(config, (device) => device.resets),
      performance: guards(config, (device) => device.performanceDomains),
      sensor: guards(config, (device) => device.sensors),
      voltage: guards(config, (device) => device.voltageDomains),
      powercap: guards(config, (device) => device.powerCaps),
      pinctrl: guards(config, (device) => device.pins),
    },
  };
}

/** @param keepsAbsent whether those that are fused off can be found */
function resources<Resource extends { readonly id: number; readonly absent?: boolean }>(
  listed: readonly Resource[],
  keepsAbsent = true,
): Resources<Resource> {
  let count = 0;
  for (const { id } of listed) count = Math.max(count, id + 1);
  const found = listed.filter(({ absent = false }) => keepsAbsent || !absent);
  return { byId: new Map(found.map((resource) => [resource.id, resource])), count };
}

function guards(config: FirmwareConfig, listedBy: (device: DeviceConfig) => readonly number[]) {
  return grouped(config.devices.flatMap((device) => listedBy(device).map((id) => [id, device.id] as const)));
}

function grouped(pairs: readonly (readonly [key: number, value: number])[]): Map<number, number[]> {
  const groups = new Map<number, number[]>();
  for (const [key, value] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}

/** Whether messages may name an agent: one that is listed, or that a given count covers. */
export function isAgent({ agents, config, switches }: BoardIndex, agentId: number): boolean {
  if (agentId < switches.agentBase) return true;
  return agents.has(agentId) || (switches.agentsBelowCount && agentId < (config.agentCount ?? 0));
}
