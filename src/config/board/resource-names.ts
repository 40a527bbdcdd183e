import type { FirmwareConfig } from "./board.ts";

/** A list of the board file's whose items have ids and names. */
type NamedList = {
  [List in keyof FirmwareConfig]: FirmwareConfig[List] extends readonly { id: number; name: string }[]
    ? List
    : never;
}[keyof FirmwareConfig];

/** What the id in a field of a message names, by the board file's name of the protocol and SCMI's of the field. */
const FIELDS: { readonly [protocol: string]: { readonly [field: string]: NamedList } | undefined } = {
  base: { agentId: "agents", deviceId: "devices" },
  power: { domainId: "powerDomains", agentId: "agents" },
  performance: { domainId: "performanceDomains", agentId: "agents" },
  clock: { clockId: "clocks", parentId: "clocks", agentId: "agents" },
  sensor: { sensorId: "sensors", agentId: "agents" },
  reset: { domainId: "resets", agentId: "agents" },
  voltage: { domainId: "voltageDomains" },
  powercap: { domainId: "powerCaps", parentId: "powerCaps", agentId: "agents" },
  system: { agentId: "agents" },
};

/** The board file's list in which the id of a field is found, or undefined: the field holds none. */
export function resourceList(protocol: string, field: string): NamedList | undefined {
  const fields = FIELDS[protocol];
  return fields !== undefined && Object.hasOwn(fields, field) ? fields[field] : undefined;
}

function listOf(firmware: FirmwareConfig, protocol: string, field: string) {
  const list = resourceList(protocol, field);
  return list === undefined ? undefined : firmware[list];
}

const NAMES = new WeakMap<object, ReadonlyMap<number, string>>();

/** Names by id, gathered once: there is a line with names for every event that is read. */
function namesIn(
  list: readonly { readonly id: number; readonly name: string }[],
): ReadonlyMap<number, string> {
  let names = NAMES.get(list);
  if (names === undefined) {
    names = new Map(list.map(({ id, name }) => [id, name]));
    NAMES.set(list, names);
  }
  return names;
}

/** The name that a board gives to the id in a field, or undefined. */
export function resourceName(
  firmware: FirmwareConfig,
  protocol: string,
  field: string,
  id: number,
): string | undefined {
  const list = listOf(firmware, protocol, field);
  return list === undefined ? undefined : namesIn(list).get(id);
}

/** The ids of all that a board calls by a name. */
export function resourcesNamed(
  firmware: FirmwareConfig,
  protocol: string,
  field: string,
  name: string,
): number[] {
  const list = listOf(firmware, protocol, field) ?? [];
  return list.flatMap((item) => (item.name === name ? [item.id] : []));
}
