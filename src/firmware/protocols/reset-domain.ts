import { composeWord, readBits } from "#scmi/fields.ts";
import { RESET_DOMAIN } from "#scmi/protocols/reset-domain.ts";
import { raise } from "../p2a/notifications.ts";
import { canDefer, defer } from "../p2a/pending.ts";
import { serve } from "../server-types.ts";
import {
  canNotify,
  commonHandlers,
  denial,
  extendedName,
  hasStrayBits,
  isLongName,
  isStrict,
  noAttributes,
  notify,
} from "./common.ts";

const { PROTOCOL_ATTRIBUTES, RESET_DOMAIN_ATTRIBUTES, RESET, RESET_NOTIFY, RESET_DOMAIN_NAME_GET } =
  RESET_DOMAIN.commands;

/**
 * Reset domain management protocol. Checks go size, id, permission, flags, state. Nothing has a state afterwards: the last
 * request is kept for display.
 *
 * @see profile-ref.md, "Resets"; scmi-reference.md 4.7
 */
export const resetDomain = serve(
  RESET_DOMAIN,
  {
    ...commonHandlers,

    PROTOCOL_ATTRIBUTES: ({ board }) => ({
      attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, { domains: board.resources.reset.count }),
    }),

    RESET_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
      const { board, spoken } = context;
      const domain = board.resources.reset.byId.get(domainId);
      if (domain === undefined) return noAttributes(board, "reset", domainId);
      const attributes = composeWord(RESET_DOMAIN_ATTRIBUTES.p2a.attributes, {
        asyncReset: canDefer(context, domain),
        resetNotifications: canNotify(context, RESET_NOTIFY),
        extendedName: isLongName(domain.name) && spoken.has(RESET_DOMAIN_NAME_GET.id),
      });
      return { attributes, latency: board.switches.resetLatencyUs, name: domain.name };
    },

    RESET: (context, { domainId, flags, resetState }) => {
      const { board, draft, caller } = context;
      const domain = board.resources.reset.byId.get(domainId);
      if (domain === undefined) return board.switches.resetRangeStatus;
      const denied = denial(context, "reset", domainId);
      if (denied !== null) return denied;
      if (hasStrayBits(context, RESET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      const { async, autonomous } = RESET.a2p.flags.bits;
      const isAsync = readBits(flags, async) === 1;
      // A signal that is only asserted or deasserted takes no time.
      const isDeferrable = canDefer(context, domain) && readBits(flags, autonomous) === 1;
      if (isAsync && isStrict(context) && !isDeferrable) return "INVALID_PARAMETERS";
      if (!isDefined(resetState) && isStrict(context)) return "INVALID_PARAMETERS";
      const taken = isAsync && isDeferrable ? defer(context) : null;
      if (taken !== null) return taken;
      draft.set("reset", domainId, "lastAgent", caller);
      draft.set("reset", domainId, "lastFlags", flags);
      draft.set("reset", domainId, "lastState", resetState);
      if (board.switches.resetAgentFlag0 === "state")
        draft.set("reset", domainId, "assertedBy", isAssertion(flags) ? caller : undefined);
      if (readBits(flags, autonomous) === 1 || isAssertion(flags)) {
        const fields = { agentId: caller, domainId, resetState };
        raise(context, RESET_NOTIFY, RESET_DOMAIN.sent.RESET_ISSUED, domainId, fields);
      }
      return "SUCCESS";
    },

    RESET_NOTIFY: (context, { domainId, notifyEnable }) =>
      notify(context, "reset", RESET_NOTIFY, domainId, notifyEnable),

    RESET_DOMAIN_NAME_GET: (context, { domainId }) => extendedName(context, "reset", domainId),
  },
  {
    RESET: (_context, { domainId }) => ({ domainId }),
  },
);

/** Whether a RESET leaves the line asserted: not autonomous, and to be asserted. */
function isAssertion(flags: number): boolean {
  const { autonomous, assert } = RESET.a2p.flags.bits;
  return readBits(flags, autonomous) === 0 && readBits(flags, assert) === 1;
}

/** Of the architectural reset states there is one, the cold reset; the implementation defines the others as it likes. */
function isDefined(resetState: number): boolean {
  const { implementationDefined, stateId } = RESET.a2p.resetState.bits;
  return readBits(resetState, implementationDefined) === 1 || readBits(resetState, stateId) === 0;
}
