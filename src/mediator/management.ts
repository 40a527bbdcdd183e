import type { Errno } from "#base/errno.ts";
import type { DestroyCause } from "#events/types.ts";
import type { MediatorContext, Subject } from "./context.ts";
import {
  BASE_RESET_AGENT_CONFIGURATION,
  BASE_SET_DEVICE_PERMISSIONS,
  mappedPage,
  type Reply,
  sendMessage,
  type XenChannel,
} from "./messaging.ts";
import { AGENT_OWN } from "./state.ts";

/**
 * The management channel: the first of the list with the management agent's id. Null while none is registered, or when a
 * second probe has emptied the list.
 */
function managementChannel({ state }: MediatorContext): XenChannel | null {
  const driver = state.driver.get(0);
  if (driver?.registered !== true) return null;
  for (const index of state.channel.ids()) {
    const channel = state.channel.at(index);
    if (channel.agentId === driver.managementAgent) return channel;
  }
  return null;
}

/** Sends BASE_SET_DEVICE_PERMISSIONS on Xen's channel. Any payload behind the status is an error of its own (EINVAL). */
export function setDevicePermissions(
  context: MediatorContext,
  agentId: number,
  deviceId: number,
  allowed: boolean,
): Reply {
  return send(context, BASE_SET_DEVICE_PERMISSIONS, [agentId, deviceId, allowed ? 1 : 0]);
}

/**
 * Sends BASE_RESET_AGENT_CONFIGURATION on Xen's channel and records `agent.reset` with what came of it.
 *
 * @param flags bit 0: the permissions too
 */
export function resetAgent(
  context: MediatorContext,
  agentId: number,
  flags: number,
  cause: DestroyCause | "request",
  subject: Subject = {},
): Reply {
  const reply = send(context, BASE_RESET_AGENT_CONFIGURATION, [agentId, flags]);
  context.emit(
    "agent.reset",
    {
      permissions: reply.errno === null && (flags & 1) === 1 ? "reset" : "kept",
      status: reply.status,
      errno: reply.errno,
      cause,
    },
    { ...subject, agentId },
  );
  return reply;
}

function send(context: MediatorContext, messageId: number, words: readonly number[]): Reply {
  const channel = managementChannel(context);
  if (channel === null) return refused(context, null, "no-management-channel", "EINVAL");
  const reply = sendMessage(context, channel, mappedPage(context, channel.shmem), messageId, words, 0);
  return reply.seq === null ? refused(context, channel, "channel-busy", reply.errno ?? "EBUSY") : reply;
}

/** Records that Xen could not even ring. */
function refused(
  context: MediatorContext,
  channel: XenChannel | null,
  reason: "channel-busy" | "no-management-channel",
  errno: Errno,
): Reply {
  context.emit(
    "smc.refused",
    {
      origin: "xen",
      reason,
      shmem: channel?.shmem ?? null,
      writes: [],
      x: [BigInt(channel?.funcId ?? 0), 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    },
    { agentId: channel === null || channel.agentId === AGENT_OWN ? null : channel.agentId },
  );
  return { errno, status: null, payload: new Uint8Array(0), seq: context.lastSeq() };
}
