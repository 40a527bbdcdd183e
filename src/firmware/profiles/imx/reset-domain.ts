import { readBits } from "#scmi/fields.ts";
import { RESET_DOMAIN } from "#scmi/protocols/reset-domain.ts";
import type { Handlers } from "../../server-types.ts";
import { negotiate } from "./common.ts";
import { isAbsent, refusal } from "./levels.ts";

const { RESET } = RESET_DOMAIN.commands;

/** Reset domain management protocol. @see profile-imx.md */
export const resetDomain: Handlers<(typeof RESET_DOMAIN)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  RESET_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
    const { board } = context;
    const refused = refusal(context, "reset", domainId);
    if (refused !== null) return refused;
    if (isAbsent(context, "reset", domainId)) return "NOT_FOUND";
    const name = board.resources.reset.byId.get(domainId)?.name ?? "";
    return { attributes: 0, latency: board.switches.resetLatencyUs, name };
  },

  RESET: (context, { domainId, flags, resetState }) => {
    const { draft, caller } = context;
    const refused = refusal(context, "reset", domainId, "EXCLUSIVE");
    if (refused !== null) return refused;
    if (readBits(flags, RESET.a2p.flags.bits.async) === 1) return "INVALID_PARAMETERS";
    // Any state of the vendor's own; of the architectural ones the cold reset alone, with no other bit set.
    const isVendors = readBits(resetState, RESET.a2p.resetState.bits.implementationDefined) === 1;
    if (!isVendors && resetState !== 0) return "INVALID_PARAMETERS";
    if (isAbsent(context, "reset", domainId)) return "NOT_FOUND";
    draft.set("reset", domainId, "lastAgent", caller);
    draft.set("reset", domainId, "lastFlags", flags);
    draft.set("reset", domainId, "lastState", resetState);
    return "SUCCESS";
  },
};
