import type { PageWrite, SmcRefusal } from "#events/types.ts";
import { guestFuncId } from "./binding/guest-func-id.ts";
import { bindingVersion } from "./binding/recognised.ts";
import type { MediatorContext } from "./context.ts";
import { isSingleAgent, NO_PAGE } from "./single-agent/mode.ts";
import { whyNotByOwner } from "./single-agent/rules.ts";
import { AGENT_OWN } from "./state.ts";

/** x0 of a call that nobody handled: SMCCC's "unknown function", all ones. */
const UNKNOWN_FUNCTION = 0xffff_ffff_ffff_ffffn;
const LOW_HALF = 0xffff_ffffn;
const SIP_OWNER = 2;

/** What the guest sees of its SMC. */
export interface SmcResult {
  readonly handled: boolean;
  /** x0..x3. */
  readonly x: readonly bigint[];
  readonly refusal: SmcRefusal | null;
  /** Address of the guest's page, or null: it has none. */
  readonly shmem: number | null;
  readonly seq: number;
}

/**
 * A guest's SMC, from the trap to the guest's registers. Only the function id decides: it must be a SiP id and equal the one of
 * the guest's own channel on all 32 bits. What lies in the page is not looked at.
 *
 * @param written what the guest wrote into its page first, from offset 0; null: nothing. A guest without a channel has no page
 *   that we know of, and what it wrote is lost.
 * @see Xen's `vsmccc_handle_call`, `handle_sip`; the series' `sci_handle_call`
 */
export function handleSmc(
  context: MediatorContext,
  domid: number,
  x: readonly bigint[],
  written: Uint8Array | null,
): SmcResult {
  const domain = context.state.domain.at(domid);
  const channel = domain.channel === null ? null : context.state.channel.at(domain.channel);
  const shmem = channel === null || channel.shmem === NO_PAGE ? null : channel.shmem;
  const writes: readonly PageWrite[] =
    written === null || written.length === 0 || shmem === null ? [] : [{ offset: 0, bytes: written }];
  const agentId = channel === null || channel.agentId === AGENT_OWN ? null : channel.agentId;
  const functionId = Number((x[0] as bigint) & LOW_HALF);

  const refusal = whyNotForwarded(context, functionId, channel);
  const isShipped = bindingVersion(context.host) === "bsp";
  if (refusal !== null || channel === null) {
    const reason = refusal ?? "sci-off";
    const seq = context.emit(
      "smc.refused",
      { origin: "domain", reason, shmem, writes, x },
      { domid, agentId },
    );
    return { handled: false, x: [UNKNOWN_FUNCTION, ...x.slice(1, 4)], refusal: reason, shmem, seq };
  }
  const xOut = context.ring({
    origin: "domain",
    domid,
    agentId,
    shmem: channel.shmem,
    writes,
    // The upper half of x0 does not travel.
    x: (x[0] as bigint) <= LOW_HALF ? x : [BigInt(functionId), ...x.slice(1)],
    // The shipping product rings the channel's own id in its guest's stead, and hands no argument on.
    ...(isShipped ? { rung: [BigInt(channel.funcId), 0n, 0n, 0n, 0n, 0n, 0n, 0n] } : {}),
  });
  return { handled: true, x: xOut, refusal: null, shmem, seq: context.lastSeq() };
}

function whyNotForwarded(
  { host, state }: MediatorContext,
  functionId: number,
  channel: { readonly funcId: number; readonly agentId: number } | null,
): SmcRefusal | null {
  if (((functionId >>> 24) & 0x3f) !== SIP_OWNER) return "owner-not-sip";
  if (state.driver.get(0)?.registered !== true) return "no-mediator";
  if (isSingleAgent(state)) return whyNotByOwner(state, functionId, channel !== null);
  if (channel === null) return "sci-off";
  return guestFuncId(host, channel) === functionId ? null : "foreign-function-id";
}
