import type { DeviceConfig } from "#config/board/board.ts";
import { commandsOf, PROTOCOLS } from "#scmi/registry.ts";

/** The field of a device that lists its resources of a protocol, by protocol id. Pins are named in too many ways to follow. */
const DEVICE_FIELDS: Readonly<Record<number, keyof DeviceConfig>> = {
  17: "powerDomains",
  19: "performanceDomains",
  20: "clocks",
  21: "sensors",
  22: "resets",
  23: "voltageDomains",
  24: "powerCaps",
};

/** A message that is about one resource. */
export interface ResourceMessage {
  /** Where in the request's payload the resource's id is, bytes. */
  readonly offset: number;
  /** Whether it does something with the resource, and does not only describe it. */
  readonly isUse: boolean;
}

/** Commands that use what they name: they change it, or read a sensor. */
const USES = /_SET$|^RESET$|_REQUEST$|_TRIP_POINT_CONFIG$|^SENSOR_READING_GET$/;

const MESSAGES = new Map<number, ResourceMessage>(
  PROTOCOLS.filter(({ protocolId }) => DEVICE_FIELDS[protocolId] !== undefined).flatMap((table) =>
    commandsOf(table).flatMap((command): [number, ResourceMessage][] => {
      const fields = Object.keys(command.a2p);
      const index = fields.findIndex((field) => /^(?:domain|clock|sensor)Id$/.test(field));
      if (index === -1) return [];
      return [[keyOf(table.protocolId, command.id), { offset: 4 * index, isUse: USES.test(command.name) }]];
    }),
  ),
);

/** What a message is about; undefined: it is about no resource that devices can list. */
export function resourceMessage(protocolId: number, messageId: number): ResourceMessage | undefined {
  return MESSAGES.get(keyOf(protocolId, messageId));
}

function keyOf(protocolId: number, messageId: number): number {
  return (protocolId << 8) | messageId;
}

/** The resources that a device lists, with their protocols' ids. */
export function listedResources(device: DeviceConfig): { readonly protocol: number; readonly id: number }[] {
  return Object.entries(DEVICE_FIELDS).flatMap(([protocol, field]) =>
    (device[field] as readonly number[]).map((id) => ({ protocol: Number(protocol), id })),
  );
}
