import type { DeviceConfig, ProtocolName } from "#config/board/board.ts";
import type { Draft } from "../draft.ts";
import type { BoardIndex } from "../resources/board-index.ts";

/**
 * Who may use which resource: a bit per agent and resource, where the firmware keeps permissions so and devices are only names for
 * many of them. The table holds the bits that differ from those at power-on.
 *
 * @see scmi-reference.md 5.2 (`ref-rpi5`), 5.3 (`scp`)
 */

/** The field of a device that lists its resources of a protocol. */
const DEVICE_FIELDS = {
  power: "powerDomains",
  performance: "performanceDomains",
  clock: "clocks",
  sensor: "sensors",
  reset: "resets",
  voltage: "voltageDomains",
  powercap: "powerCaps",
  pinctrl: "pins",
} as const satisfies Partial<Record<ProtocolName, keyof DeviceConfig>>;

/** A protocol whose resources devices can list. */
export type GuardedProtocol = keyof typeof DEVICE_FIELDS;

const PROTOCOLS = Object.keys(DEVICE_FIELDS) as GuardedProtocol[];

/** A resource: its protocol by the board file's name, and its id. */
interface ResourceName {
  readonly protocol: GuardedProtocol;
  readonly id: number;
}

/** How a firmware keeps its bits. */
export interface AccessRules {
  /** Protocols whose resources have bits. */
  readonly protocols: readonly GuardedProtocol[];
  /** What a resource is that no device lists. */
  readonly unlisted: "allowed" | "denied";
}

/** The resources of a device that belong to these protocols. */
export function resourcesOf(device: DeviceConfig, protocols: readonly GuardedProtocol[]): ResourceName[] {
  return protocols.flatMap((protocol) => device[DEVICE_FIELDS[protocol]].map((id) => ({ protocol, id })));
}

/** Whether an agent has a resource's bit. */
export function hasAccess(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  resource: ResourceName,
  rules: AccessRules,
): boolean {
  return draft.get("access", agentId, columnOf(resource)) ?? hadAccess(board, agentId, resource, rules);
}

/** Sets or clears an agent's bits, and keeps what is shown of devices: an agent has one when it has all that it lists. */
export function setAccess(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  resources: readonly ResourceName[],
  allowed: boolean,
  rules: AccessRules,
): void {
  for (const resource of resources) {
    const isDefault = allowed === hadAccess(board, agentId, resource, rules);
    draft.set("access", agentId, columnOf(resource), isDefault ? undefined : allowed);
  }
  showDevices(board, draft, agentId, rules);
}

/**
 * Makes the table of permissions say what an agent's bits come to. Devices without resources that are kept so stay as they are.
 */
export function showDevices(board: BoardIndex, draft: Draft, agentId: number, rules: AccessRules): void {
  for (const device of board.devices.byId.values()) {
    const resources = resourcesOf(device, rules.protocols);
    if (resources.length === 0) continue;
    const has = resources.every((resource) => hasAccess(board, draft, agentId, resource, rules));
    const had = resources.every((resource) => hadAccess(board, agentId, resource, rules));
    // At power-on a device is shown as the board file gives it.
    draft.set("permission", agentId, device.id, has === had ? undefined : has);
  }
}

/** Column of a resource in an agent's row. */
function columnOf({ protocol, id }: ResourceName): string {
  return `${protocol}.${id}`;
}

function hadAccess(board: BoardIndex, agentId: number, resource: ResourceName, rules: AccessRules): boolean {
  if (board.switches.agent0Privileged && agentId === 0) return true;
  const listing = listings(board).get(columnOf(resource));
  if (listing === undefined) return rules.unlisted === "allowed";
  return listing.some(
    ({ defaultAccess }) =>
      defaultAccess === "all" || (defaultAccess !== "none" && defaultAccess.includes(agentId)),
  );
}

const LISTINGS = new WeakMap<BoardIndex, ReadonlyMap<string, readonly DeviceConfig[]>>();

/** The devices that list a resource, by its column. */
function listings(board: BoardIndex): ReadonlyMap<string, readonly DeviceConfig[]> {
  const known = LISTINGS.get(board);
  if (known !== undefined) return known;
  const made = new Map<string, DeviceConfig[]>();
  for (const device of board.config.devices) {
    for (const resource of resourcesOf(device, PROTOCOLS)) {
      const column = columnOf(resource);
      made.set(column, [...(made.get(column) ?? []), device]);
    }
  }
  LISTINGS.set(board, made);
  return made;
}
