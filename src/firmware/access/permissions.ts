import type { DeviceConfig, FirmwareConfig } from "#config/board/board.ts";
import type { Draft } from "../draft.ts";
import { type BoardIndex, indexOf, type ResourceKind } from "../resources/board-index.ts";
import type { FirmwareState } from "../state.ts";
import { POLICIES } from "./policies.ts";

/**
 * Who may touch which device: a bit per agent and device. The table holds only the bits that differ from those at power-on, so
 * that a reset is to forget an agent's row.
 *
 * @see profile-ref.md, "Permissions"
 */

/** Whether an agent has the permission for a device now. An unknown device is nobody's. */
export function isAllowed(
  config: FirmwareConfig,
  state: FirmwareState,
  agentId: number,
  deviceId: number,
): boolean {
  return state.permission.get(agentId)?.[deviceId] ?? defaultAllowed(config, agentId, deviceId);
}

/** Whether an agent has the permission for a device at power-on. */
export function defaultAllowed(config: FirmwareConfig, agentId: number, deviceId: number): boolean {
  return defaultBit(indexOf(config), agentId, deviceId);
}

/**
 * Every permission that an agent of the board has now, sorted by agent and device. Agents that the board does not list have no
 * channel: of theirs, only what was given to them shows.
 */
export function allowedPairs(
  config: FirmwareConfig,
  state: FirmwareState,
): [agentId: number, deviceId: number][] {
  const board = indexOf(config);
  const agentIds = new Set([...board.agents.keys(), ...state.permission.ids()]);
  return [...agentIds].sort(ascending).flatMap((agentId) => {
    const changed = state.permission.get(agentId) ?? {};
    const atPowerOn = board.agents.has(agentId)
      ? config.devices.filter(
          (device) => grantedByDefault(board, agentId, device) && changed[device.id] !== false,
        )
      : [];
    const given = Object.keys(changed).flatMap((column) =>
      changed[Number(column)] === true ? [Number(column)] : [],
    );
    const deviceIds = [...atPowerOn.map(({ id }) => id), ...given].sort(ascending);
    return deviceIds.map((deviceId): [number, number] => [agentId, deviceId]);
  });
}

/** Whether the caller may change a resource: one that no device lists, or that a device of the caller's lists. */
export function mayChange(
  board: BoardIndex,
  draft: Draft,
  caller: number,
  kind: ResourceKind,
  id: number,
): boolean {
  if (!board.switches.permissionsEnforced) return true;
  const own = POLICIES[board.profile.name];
  if (own !== undefined) return own(board, draft, caller, kind, id);
  const deviceIds = board.guards[kind].get(id);
  return (
    deviceIds === undefined || deviceIds.some((deviceId) => mayUse(board, draft, caller, deviceId, kind))
  );
}

/** Whether an agent may use a device's resources of one protocol: as it may use the device, unless told otherwise. */
export function mayUse(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  deviceId: number,
  protocol: string,
): boolean {
  return (
    draft.get("protocolPermission", agentId, `${deviceId}.${protocol}`) ??
    hasBit(board, draft, agentId, deviceId)
  );
}

/** Gives or takes the permission for a device's resources of one protocol. */
export function setProtocolPermission(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  deviceId: number,
  protocol: string,
  allowed: boolean,
): void {
  const isDevices = allowed === hasBit(board, draft, agentId, deviceId);
  draft.set("protocolPermission", agentId, `${deviceId}.${protocol}`, isDevices ? undefined : allowed);
}

/** Gives or takes the permission for a device, with its resources of every protocol. */
export function setPermission(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  deviceId: number,
  allowed: boolean,
): void {
  const isDefault = allowed === defaultBit(board, agentId, deviceId);
  draft.set("permission", agentId, deviceId, isDefault ? undefined : allowed);
  for (const column of draft.columns("protocolPermission", agentId)) {
    if (column.startsWith(`${deviceId}.`)) draft.set("protocolPermission", agentId, column, undefined);
  }
}

/** Takes all permissions of an agent back to those at power-on. */
export function resetPermissions(draft: Draft, agentId: number): void {
  for (const column of draft.columns("permission", agentId)) {
    draft.set("permission", agentId, Number(column), undefined);
  }
  for (const column of draft.columns("protocolPermission", agentId)) {
    draft.set("protocolPermission", agentId, column, undefined);
  }
}

/**
 * Whether the board's policy forbids to give (or take) an agent a device: a static owner keeps it for itself, and an exclusive
 * device has one holder at a time.
 */
export function isForbidden(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  deviceId: number,
  allowed: boolean,
): boolean {
  const { config, switches, devices } = board;
  const staticOwner = devices.byId.get(deviceId)?.staticOwner ?? null;
  const isReserved = staticOwner !== null && staticOwner !== agentId;
  if (isReserved && (allowed || switches.staticOwnerGuardsClearing)) return true;
  if (!allowed || config.deviceOwnership === "shared") return false;
  const others = new Set([
    ...board.agents.keys(),
    ...draft.rows("permission"),
    ...draft.rows("protocolPermission"),
  ]);
  others.delete(agentId);
  if (switches.agent0Privileged) others.delete(0);
  return [...others].some(
    (other) => hasBit(board, draft, other, deviceId) || hasPart(draft, other, deviceId),
  );
}

/** Whether an agent has a device's permission for some protocol, beside that for the device. */
function hasPart(draft: Draft, agentId: number, deviceId: number): boolean {
  return draft
    .columns("protocolPermission", agentId)
    .some(
      (column) =>
        column.startsWith(`${deviceId}.`) && draft.get("protocolPermission", agentId, column) === true,
    );
}

function hasBit(board: BoardIndex, draft: Draft, agentId: number, deviceId: number): boolean {
  return draft.get("permission", agentId, deviceId) ?? defaultBit(board, agentId, deviceId);
}

function defaultBit(board: BoardIndex, agentId: number, deviceId: number): boolean {
  const device = board.devices.byId.get(deviceId);
  return device !== undefined && grantedByDefault(board, agentId, device);
}

function grantedByDefault(board: BoardIndex, agentId: number, { defaultAccess }: DeviceConfig): boolean {
  if (!board.switches.permissionsEnforced) return true;
  if (board.switches.agent0Privileged && agentId === 0) return true;
  return defaultAccess === "all" || (defaultAccess !== "none" && defaultAccess.includes(agentId));
}

function ascending(a: number, b: number): number {
  return a - b;
}
