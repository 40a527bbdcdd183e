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

/** The name that a board gives to the id in a field, or undefined. */
export function resourceName(
  firmware: FirmwareConfig,
  protocol: string,
  field: string,
  id: number,
): string | undefined {
  return listOf(firmware, protocol, field)?.find((item) => item.id === id)?.name;
}

/** The id of what a board calls by a name, or undefined: nothing, or more than one thing. */
export function resourceId(
  firmware: FirmwareConfig,
  protocol: string,
  field: string,
  name: string,
): number | undefined {
  const [found, another] = (listOf(firmware, protocol, field) ?? []).filter((item) => item.name === name);
  return another === undefined ? found?.id : undefined;
}
