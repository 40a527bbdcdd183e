import type { Host } from "../context.ts";
import { atLeast } from "../versions.ts";
import { bindingVersion } from "./recognised.ts";

/**
 * The function id that the guest of a channel has to ring. The shipping product's guests all ring one base id, to which Xen adds
 * the agent's; since the RFCs a guest rings its channel's own.
 */
export function guestFuncId(
  host: Host,
  channel: { readonly funcId: number; readonly agentId: number },
): number {
  const isOwn = host.board.xen.mediator === "single-agent" || atLeast(bindingVersion(host), "v3");
  return isOwn ? channel.funcId : (channel.funcId - channel.agentId) >>> 0;
}
