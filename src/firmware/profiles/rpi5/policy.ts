import type { BASE } from "#scmi/protocols/base.ts";
import { resourcesOf, setAccess } from "../../access/resource-access.ts";
import type { Draft } from "../../draft.ts";
import { isTrusted } from "../../protocols/base.ts";
import { noSuchId } from "../../protocols/common.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { isAgent } from "../../resources/board-index.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { RULES } from "./may-change.ts";

/**
 * Raspberry Pi 5's permissions: a device belongs to one agent at a time, and whoever it is given to gets a bit for each of its
 * resets and pins. Owner and bits are kept apart, and so can come apart.
 *
 * @see scmi-reference.md 5.2
 */
export const policy: Handlers<(typeof BASE)["commands"]> = {
  BASE_SET_DEVICE_PERMISSIONS: (context, { agentId, deviceId, flags }) => {
    const { board } = context;
    if (!isTrusted(context)) return "DENIED";
    if (!isAgent(board, agentId) || !board.devices.byId.has(deviceId)) return noSuchId(board);
    return (flags & 1) === 1 ? give(context, agentId, deviceId) : take(context, agentId, deviceId);
  },

  BASE_RESET_AGENT_CONFIGURATION: (context, { agentId, flags }) => {
    const { board, draft } = context;
    if (!isTrusted(context)) return "DENIED";
    if (!isAgent(board, agentId)) return noSuchId(board);
    if ((flags & 1) === 0) return "SUCCESS";
    for (const deviceId of draft.rows("owner")) {
      if (ownerOf(draft, deviceId) === agentId) release(context, agentId, deviceId);
    }
    return "SUCCESS";
  },
};

function give({ board, draft }: Context, agentId: number, deviceId: number): "SUCCESS" | "DENIED" {
  const owner = ownerOf(draft, deviceId);
  if (owner === agentId) return "SUCCESS";
  const staticOwner = board.devices.byId.get(deviceId)?.staticOwner ?? null;
  const isTaken = owner !== undefined && board.config.deviceOwnership === "exclusive";
  if (isTaken || (staticOwner !== null && staticOwner !== agentId)) return "DENIED";
  setBits(board, draft, agentId, deviceId, true);
  draft.set("owner", deviceId, "agentId", agentId);
  return "SUCCESS";
}

/** Taking a device from an agent that it does not belong to makes it nobody's, and its owner keeps its bits. */
function take(context: Context, agentId: number, deviceId: number): "SUCCESS" {
  const { board, draft } = context;
  const owner = ownerOf(draft, deviceId);
  const isForeign = owner !== undefined && owner !== agentId;
  if (isForeign && !board.switches.denyForeignOwnerQuirk) setBits(board, draft, agentId, deviceId, false);
  else release(context, agentId, deviceId);
  return "SUCCESS";
}

function release({ board, draft }: Context, agentId: number, deviceId: number): void {
  setBits(board, draft, agentId, deviceId, false);
  draft.set("owner", deviceId, "agentId", undefined);
}

function setBits(board: BoardIndex, draft: Draft, agentId: number, deviceId: number, allowed: boolean): void {
  const device = board.devices.byId.get(deviceId);
  // Agent 0 needs no bits: it may do everything.
  if (device === undefined || (agentId === 0 && board.switches.agent0Privileged)) return;
  const resources = resourcesOf(device, RULES.protocols);
  setAccess(board, draft, agentId, resources, allowed, RULES);
  // A device that guards nothing is shown as whoever owns it has it.
  if (resources.length === 0) draft.set("permission", agentId, deviceId, allowed || undefined);
}

function ownerOf(draft: Draft, deviceId: number): number | undefined {
  return draft.get("owner", deviceId, "agentId");
}
