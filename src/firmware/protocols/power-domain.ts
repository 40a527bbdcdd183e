import { composeWord, readBits } from "#scmi/fields.ts";
import { POWER_DOMAIN, POWER_STATES } from "#scmi/protocols/power-domain.ts";
import type { Draft } from "../draft.ts";
import { hold, type PowerCells, release, request as requestState } from "../power-domains.ts";
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
      syncSet: board.switches.powerSyncSet,
      changeRequestedNotifications: canNotify(context, POWER_STATE_CHANGE_REQUESTED_NOTIFY),
      extendedName: isLongName(domain.name) && spoken.has(POWER_DOMAIN_NAME_GET.id),
    });
    return { attributes, name: domain.name };
  },

  POWER_STATE_SET: (context, { flags, domainId, powerState }) => {
    const { board, draft } = context;
    if (!board.resources.power.byId.has(domainId)) return noSuchId(board);
    const denied = denial(context, "power", domainId);
    if (denied !== null) return denied;
    if (hasStrayBits(context, POWER_STATE_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
    if (isStrict(context) && (flags & 1) === 1) return "NOT_SUPPORTED";
    const isDefined = powerState === POWER_STATES.ON || powerState === POWER_STATES.OFF;
    if (!isDefined && isStrict(context)) return "INVALID_PARAMETERS";

    const on = readBits(powerState, POWER_STATE_SET.a2p.powerState.bits.contextLost) === 0;
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
    if (!board.resources.power.byId.has(domainId)) return noSuchId(board);
    const on = draft.get("powerDomain", domainId, "on") ?? false;
    return { powerState: on ? POWER_STATES.ON : POWER_STATES.OFF };
  },

  POWER_STATE_NOTIFY: (context, { domainId, notifyEnable }) =>
    notify(context, "power", POWER_STATE_NOTIFY, domainId, notifyEnable),

  POWER_STATE_CHANGE_REQUESTED_NOTIFY: (context, { domainId, notifyEnable }) =>
    notify(context, "power", POWER_STATE_CHANGE_REQUESTED_NOTIFY, domainId, notifyEnable),

  POWER_DOMAIN_NAME_GET: (context, { domainId }) => extendedName(context, "power", domainId),
});

function cellsOf(draft: Draft): PowerCells {
  return {
    read: (domainId) => ({
      on: draft.get("powerDomain", domainId, "on") ?? false,
      count: draft.get("powerDomain", domainId, "count") ?? 0,
    }),
    write: (domainId, { on, count }) => {
      draft.set("powerDomain", domainId, "on", on);
      draft.set("powerDomain", domainId, "count", count);
    },
  };
}
