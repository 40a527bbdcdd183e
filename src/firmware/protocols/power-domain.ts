import { composeWord, readBits } from "#scmi/fields.ts";
import { POWER_DOMAIN, POWER_STATES } from "#scmi/protocols/power-domain.ts";
import { raise } from "../p2a/notifications.ts";
import { canDefer, defer } from "../p2a/pending.ts";
import { cellsOf, hold, release, request as requestState } from "../resources/power-domains.ts";
import { POWER_VOTES, votePower } from "../resources/votes.ts";
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
  noSuchId,
  notify,
} from "./common.ts";

const {
  PROTOCOL_ATTRIBUTES,
  POWER_DOMAIN_ATTRIBUTES,
  POWER_STATE_SET,
  POWER_STATE_NOTIFY,
  POWER_STATE_CHANGE_REQUESTED_NOTIFY,
  POWER_DOMAIN_NAME_GET,
} = POWER_DOMAIN.commands;

/**
 * Power domain management protocol. Checks go size, id, permission, flags, state.
 *
 * @see profile-ref.md, "Power domains"; scmi-reference.md 4.2
 */
export const powerDomain = serve(POWER_DOMAIN, {
  ...commonHandlers,

  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, { domains: board.resources.power.count }),
    statisticsAddress: 0n,
    statisticsLen: 0,
  }),

  POWER_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
    const { board, spoken } = context;
    const domain = board.resources.power.byId.get(domainId);
    if (domain === undefined) return noAttributes(board, "power", domainId);
    const attributes = composeWord(POWER_DOMAIN_ATTRIBUTES.p2a.attributes, {
      stateChangeNotifications: canNotify(context, POWER_STATE_NOTIFY),
      asyncSet: canDefer(context),
      syncSet: board.switches.powerSyncSet,
      changeRequestedNotifications: canNotify(context, POWER_STATE_CHANGE_REQUESTED_NOTIFY),
      extendedName: isLongName(domain.name) && spoken.has(POWER_DOMAIN_NAME_GET.id),
    });
    return { attributes, name: domain.name };
  },

  POWER_STATE_SET: (context, { flags, domainId, powerState }) => {
    const { board, draft, caller } = context;
    if (!board.resources.power.byId.has(domainId)) return noSuchId(board);
    const denied = denial(context, "power", domainId);
    if (denied !== null) return denied;
    if (hasStrayBits(context, POWER_STATE_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
    const isAsync = (flags & 1) === 1;
    if (isStrict(context) && isAsync && !canDefer(context)) return "NOT_SUPPORTED";
    const isDefined = powerState === POWER_STATES.ON || powerState === POWER_STATES.OFF;
    if (!isDefined && isStrict(context)) return "INVALID_PARAMETERS";

    const taken = isAsync && canDefer(context) ? defer(context) : null;
    if (taken === "BUSY") return taken;
    if (!context.isCompletion) {
      const { POWER_STATE_CHANGE_REQUESTED } = POWER_DOMAIN.sent;
      const fields = { agentId: caller, domainId, powerState };
      raise(context, POWER_STATE_CHANGE_REQUESTED_NOTIFY, POWER_STATE_CHANGE_REQUESTED, domainId, fields);
    }
    if (taken !== null) return taken;

    const on = readBits(powerState, POWER_STATE_SET.a2p.powerState.bits.contextLost) === 0;
    if (board.switches.pdRefCount === "perAgent") {
      votePower(board, draft, caller, domainId, on ? POWER_VOTES.ON : POWER_VOTES.OFF);
      return "SUCCESS";
    }
    const cells = cellsOf(draft);
    if (board.switches.pdRefCount === "none") {
      requestState(board, cells, domainId, on);
      return "SUCCESS";
    }
    if (!on) return release(board, cells, domainId);
    hold(board, cells, domainId);
    return "SUCCESS";
  },

  POWER_STATE_GET: ({ board, draft }, { domainId }) => {
    const config = board.resources.power.byId.get(domainId);
    if (config === undefined) return noSuchId(board);
    // One that is always on may not have been switched on yet.
    const on = config.alwaysOn || draft.get("powerDomain", domainId, "on") === true;
    return { powerState: on ? POWER_STATES.ON : POWER_STATES.OFF };
  },

  POWER_STATE_NOTIFY: (context, { domainId, notifyEnable }) =>
    notify(context, "power", POWER_STATE_NOTIFY, domainId, notifyEnable),

  POWER_STATE_CHANGE_REQUESTED_NOTIFY: (context, { domainId, notifyEnable }) =>
    notify(context, "power", POWER_STATE_CHANGE_REQUESTED_NOTIFY, domainId, notifyEnable),

  POWER_DOMAIN_NAME_GET: (context, { domainId }) => extendedName(context, "power", domainId),
});
