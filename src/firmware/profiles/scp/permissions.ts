import type { DeviceConfig } from "#config/board/board.ts";
import type { BASE } from "#scmi/protocols/base.ts";
import { PROTOCOL_IDS } from "#scmi/registry.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { type GuardedProtocol, resourcesOf, setAccess, showDevices } from "../../access/resource-access.ts";
import { protocolsFor } from "../../protocols/base.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { protocolIdOf } from "../spoken.ts";
import { RULES } from "./may-change.ts";

/**
 * SCP's permissions: a bit for each agent and resource, which anybody may set for anybody. Devices are names for lists of
 * resources.
 *
 * @see scmi-reference.md 5.3
 */
export const base: Handlers<(typeof BASE)["commands"]> = {
  BASE_DISCOVER_LIST_PROTOCOLS: (context, { skip }) => {
    const listed = protocolsFor(context);
    if (skip > listed.length) return "INVALID_PARAMETERS";
    const room = context.board.switches.maxListPayload - 8;
    const protocols = listed.slice(skip, skip + room).map(protocolIdOf);
    return { numProtocols: protocols.length, protocols };
  },

  BASE_SET_DEVICE_PERMISSIONS: (context, { agentId, deviceId, flags }) => {
    const settled = checkAgent(context, agentId, flags);
    if (settled !== null) return settled;
    const device = findDevice(context, deviceId);
    if (typeof device === "string") return device;
    change(context, agentId, device, RULES.protocols, (flags & 1) === 1);
    return "SUCCESS";
  },

  BASE_SET_PROTOCOL_PERMISSIONS: (context, { agentId, deviceId, commandId, flags }) => {
    const settled = checkAgent(context, agentId, flags);
    if (settled !== null) return settled;
    // The whole word is compared.
    if (commandId === PROTOCOL_IDS.base) return "DENIED";
    const protocol = SETTABLE.find((name) => PROTOCOL_IDS[name] === commandId);
    if (protocol === undefined) return "NOT_FOUND";
    const device = findDevice(context, deviceId);
    if (typeof device === "string") return device;
    change(context, agentId, device, [protocol], (flags & 1) === 1);
    return "SUCCESS";
  },

  BASE_RESET_AGENT_CONFIGURATION: (context, { agentId, flags }) => {
    const settled = checkAgent(context, agentId, flags);
    if (settled !== null) return settled;
    if (context.board.devices.byId.size === 0) return "NOT_FOUND";
    if ((flags & 1) === 1) restore(context, agentId);
    return "SUCCESS";
  },
};

/** Protocols that BASE_SET_PROTOCOL_PERMISSIONS knows. */
const SETTABLE: readonly GuardedProtocol[] = ["power", "performance", "clock", "sensor", "reset", "voltage"];

/** What ends a permission command before it looks at devices: of the platform, everything is true already. */
function checkAgent({ board }: Context, agentId: number, flags: number): ScmiStatus | null {
  const { agentCount } = board.config;
  const isKnown = agentId === 0 || board.agents.has(agentId) || agentId <= (agentCount ?? 0);
  if (!isKnown) return "NOT_FOUND";
  if (agentId === 0) return "SUCCESS";
  const isStray = (flags & ~1) !== 0 && board.switches.reservedFlagPolicy !== "ignore";
  return isStray ? "INVALID_PARAMETERS" : null;
}

/** A device by its id, of which there are as many as the board lists. */
function findDevice({ board }: Context, deviceId: number): DeviceConfig | ScmiStatus {
  const { byId } = board.devices;
  if (byId.size === 0) return "NOT_FOUND";
  if (deviceId >= byId.size) return "INVALID_PARAMETERS";
  return byId.get(deviceId) ?? "NOT_FOUND";
}

function change(
  context: Context,
  agentId: number,
  device: DeviceConfig,
  protocols: readonly GuardedProtocol[],
  allowed: boolean,
): void {
  const { board, draft } = context;
  if (board.switches.scpPermNoop) return;
  const resources = resourcesOf(device, protocols);
  backUp(context, new Set(resources.map(({ protocol }) => protocol)));
  setAccess(board, draft, agentId, resources, allowed, RULES);
}

/** Keeps how all bits of some protocols are, of every agent: it is what a reset takes them back to. */
function backUp({ draft }: Context, protocols: ReadonlySet<string>): void {
  for (const agentId of new Set([...draft.rows("access"), ...draft.rows("accessBefore")])) {
    const columns = [...draft.columns("access", agentId), ...draft.columns("accessBefore", agentId)];
    for (const column of columns) {
      if (!protocols.has(column.split(".")[0] ?? "")) continue;
      draft.set("accessBefore", agentId, column, draft.get("access", agentId, column));
    }
  }
}

function restore({ board, draft }: Context, agentId: number): void {
  const isLast = board.switches.permBackupDepth === "last";
  const columns = [...draft.columns("access", agentId), ...draft.columns("accessBefore", agentId)];
  for (const column of columns) {
    const kept = isLast ? draft.get("accessBefore", agentId, column) : undefined;
    draft.set("access", agentId, column, kept);
  }
  showDevices(board, draft, agentId, RULES);
}
