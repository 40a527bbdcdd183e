import type { Errno } from "#base/errno.ts";
import { HOST_SCMI_PATH } from "#config/binding/forms.ts";
import { readRegion } from "#config/device-tree/address.ts";
import type { DtNode } from "#config/device-tree/fdt.ts";
import { readU32 } from "#config/device-tree/property.ts";
import type { IomemRange, SmcRefusal } from "#events/types.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";
import type { MediatorContext } from "../context.ts";
import type { MediatorState } from "../state.ts";
import { isSingleAgent, ONLY_CHANNEL } from "./mode.ts";

/**
 * Whether a domain becomes the owner of SCMI: sanitise, then `domain_init`. There is one owner at a time: dom0 whatever its type,
 * or with `scmi-smc-passthrough` the first guest that asks.
 *
 * @returns the channel that it owns, null: no SCI for it
 * @see `mediator-reference.md` §7.3; xen/arch/arm/firmware/scmi-smc.c, `scmi_smc_domain_init`
 */
export function claimSingleAgent(
  { driver, channel, domain }: MediatorState,
  type: string,
  isDom0: boolean,
): { readonly channel: number | null } | { readonly errno: Errno; readonly message: string } {
  if (type !== "none" && type !== "scmi_smc") {
    return { errno: "EINVAL", message: `the single-agent mediator refuses type ${type}` };
  }
  const isPassthrough = driver.at(0).passthrough;
  if (!isPassthrough && !isDom0) {
    if (type === "none") return { channel: null };
    return { errno: "EINVAL", message: "dom0 owns SCMI: Xen was not started with scmi-smc-passthrough" };
  }
  if (isPassthrough && (isDom0 || type === "none")) return { channel: null };
  const { owner } = channel.at(ONLY_CHANNEL);
  if (owner === null) return { channel: ONLY_CHANNEL };
  const name = domain.get(owner)?.name;
  return {
    errno: "EEXIST",
    message: `SCMI is owned by domain ${owner}${name === undefined ? "" : `, ${name}`}`,
  };
}

/**
 * Why the single-agent mediator does not forward a call: the id is compared first, then the caller. Null: it forwards it.
 *
 * @param isOwner whether the caller owns SCMI
 */
export function whyNotByOwner(
  { channel }: MediatorState,
  functionId: number,
  isOwner: boolean,
): SmcRefusal | null {
  if (channel.at(ONLY_CHANNEL).funcId !== functionId) return "foreign-function-id";
  return isOwner ? null : "unprivileged";
}

/**
 * What dom0 may map for a guest because its own SCMI node is dropped: the pages of the shared memory that `/firmware/scmi` names.
 * Null where dom0 keeps the node, or where it does not say.
 *
 * @param channel dom0's own channel, or null
 * @see xen/arch/arm/firmware/scmi-smc.c, `scmi_smc_dt_handle_node`
 */
export function dom0Iomem({ host, state }: MediatorContext, channel: number | null): IomemRange | null {
  if (!isSingleAgent(state) || channel !== null) return null;
  const scmi = host.tree.nodeByPath(HOST_SCMI_PATH);
  const phandle = scmi === undefined ? null : readU32(scmi, "shmem");
  const page = phandle === null ? undefined : host.tree.nodeByPhandle(phandle);
  return page === undefined ? null : wholePages(page);
}

function wholePages(node: DtNode): IomemRange | null {
  const region = readRegion(node, 0);
  if (region === null || region.size === 0) return null;
  const first = Math.floor(region.address / PAGE_BYTES);
  const last = Math.floor((region.address + region.size - 1) / PAGE_BYTES);
  return { address: first * PAGE_BYTES, bytes: (last - first + 1) * PAGE_BYTES };
}
