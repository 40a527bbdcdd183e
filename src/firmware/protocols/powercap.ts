import type { CapLimitConfig, CapRange, PowerCapConfig } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import { NO_PARENT, POWER_UNITS, POWERCAP, POWERCAP_3 } from "#scmi/protocols/powercap.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { canDefer, defer } from "../p2a/pending.ts";
import { subscribe, subscriptionColumn } from "../p2a/subscriptions.ts";
import { listPage } from "../resources/list-page.ts";
import { type Context, serve } from "../server-types.ts";
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
  POWERCAP_DOMAIN_ATTRIBUTES,
  POWERCAP_CAP_SET,
  POWERCAP_PAI_SET,
  POWERCAP_DOMAIN_NAME_GET,
  POWERCAP_CAP_NOTIFY,
  POWERCAP_MEASUREMENTS_NOTIFY,
  POWERCAP_CPC_ATTRIBUTES,
  POWERCAP_CAI_SET,
} = POWERCAP.commands;

const UNITS = {
  abstract: POWER_UNITS.ABSTRACT,
  uW: POWER_UNITS.MICROWATTS,
  mW: POWER_UNITS.MILLIWATTS,
} as const;

/**
 * Power capping protocol. Checks go size, id, limit, permission, flags, whether it can be set, async, range. Caps need not be on a
 * step of their range: agents write what they are told to.
 *
 * @see scmi-reference.md 4.9
 */
export const powercap = serve(
  POWERCAP,
  {
    ...commonHandlers,

    PROTOCOL_ATTRIBUTES: ({ board }) => ({
      attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, {
        domains: board.resources.powercap.count,
      }),
    }),

    POWERCAP_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
      const { board, spoken } = context;
      const domain = board.resources.powercap.byId.get(domainId);
      if (domain === undefined) return noAttributes(board, "powercap", domainId);
      const isNew = spoken.layout >= POWERCAP_3;
      const capNotifications = canNotify(context, POWERCAP_CAP_NOTIFY);
      const attributes = composeWord(POWERCAP_DOMAIN_ATTRIBUTES.p2a.attributes, {
        capChangeNotificationsUpTo2: !isNew && capNotifications,
        measurementNotifications: domain.power !== null && canNotify(context, POWERCAP_MEASUREMENTS_NOTIFY),
        asyncCapSet: canDefer(context, domain),
        extendedName: isLongName(domain.name) && spoken.has(POWERCAP_DOMAIN_NAME_GET.id),
        capConfigurable: isConfigurable(domain.range),
        monitoring: domain.power !== null,
        paiConfigurable: isConfigurable(domain.paiRange),
        unit: UNITS[domain.unit],
        capChangeNotifications: isNew && capNotifications,
        caiConfigurable: isNew && isConfigurable(domain.caiRange),
        limits: isNew ? 1 + domain.limits.length : 0,
      });
      return {
        attributes,
        name: domain.name,
        minPai: domain.paiRange.min,
        maxPai: domain.paiRange.max,
        paiStep: domain.paiRange.step,
        minPowerCap: domain.range.min,
        maxPowerCap: domain.range.max,
        powerCapStep: domain.range.step,
        sustainablePower: domain.sustainablePower,
        accuracy: domain.accuracy,
        parentId: domain.parent ?? NO_PARENT,
        minCai: domain.caiRange.min,
        maxCai: domain.caiRange.max,
        caiStep: domain.caiRange.step,
      };
    },

    POWERCAP_CAP_GET: (context, { domainId, cpli = 0 }) => {
      const found = limitOf(context, domainId, cpli);
      return typeof found === "string" ? found : { powerCap: capOf(context, domainId, cpli) };
    },

    POWERCAP_CAP_SET: (context, { domainId, cpli = 0, flags, powerCap }) => {
      const { draft, caller, spoken } = context;
      const found = limitOf(context, domainId, cpli);
      if (typeof found === "string") return found;
      const { domain, limit } = found;
      const denied = denial(context, "powercap", domainId);
      if (denied !== null) return denied;
      if (hasStrayBits(context, POWERCAP_CAP_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      if (!isConfigurable(limit.range)) return "NOT_SUPPORTED";
      // Who ignores the delayed response cannot tell that nothing was delayed.
      const isAsync = (flags & 2) !== 0;
      const wantsResponse = isAsync && (flags & 1) === 0;
      if (wantsResponse && isStrict(context) && !canDefer(context, domain)) return "NOT_SUPPORTED";
      const isOff = powerCap === 0 && spoken.layout >= 0x2_0000;
      if (!isOff && !isWithin(powerCap, limit.range)) return "OUT_OF_RANGE";
      const taken = isAsync && canDefer(context, domain) ? defer(context) : null;
      if (taken !== null) return taken;
      draft.set("powercap", domainId, `cap${cpli}`, powerCap);
      draft.set("powercap", domainId, "setBy", caller);
      return "SUCCESS";
    },

    POWERCAP_PAI_GET: (context, { domainId }) => {
      if (!context.board.resources.powercap.byId.has(domainId)) return noSuchId(context.board);
      return { interval: paiOf(context, domainId) };
    },

    POWERCAP_PAI_SET: (context, { domainId, flags, interval }) => {
      const { board, draft, caller } = context;
      const domain = board.resources.powercap.byId.get(domainId);
      if (domain === undefined) return noSuchId(board);
      const denied = denial(context, "powercap", domainId);
      if (denied !== null) return denied;
      if (hasStrayBits(context, POWERCAP_PAI_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      if (!isConfigurable(domain.paiRange)) return "NOT_SUPPORTED";
      if (!isWithin(interval, domain.paiRange)) return "OUT_OF_RANGE";
      draft.set("powercap", domainId, "pai", interval);
      draft.set("powercap", domainId, "setBy", caller);
      return "SUCCESS";
    },

    POWERCAP_DOMAIN_NAME_GET: (context, { domainId }) => extendedName(context, "powercap", domainId),

    POWERCAP_MEASUREMENTS_GET: (context, { domainId }) => {
      const domain = context.board.resources.powercap.byId.get(domainId);
      if (domain === undefined) return noSuchId(context.board);
      if (domain.power === null) return "NOT_SUPPORTED";
      return { averagePower: domain.power, interval: paiOf(context, domainId) };
    },

    POWERCAP_CAP_NOTIFY: (context, { domainId, notifyEnable }) =>
      notify(context, "powercap", POWERCAP_CAP_NOTIFY, domainId, notifyEnable),

    POWERCAP_MEASUREMENTS_NOTIFY: (context, request) => {
      const { board, draft, caller } = context;
      const { domainId, notifyEnable, thresholdLow, thresholdHigh } = request;
      const domain = board.resources.powercap.byId.get(domainId);
      if (domain === undefined) return noSuchId(board);
      const denied = denial(context, "powercap", domainId);
      if (denied !== null) return denied;
      const isInvalid = hasStrayBits(context, POWERCAP_MEASUREMENTS_NOTIFY.a2p.notifyEnable, notifyEnable);
      if (isInvalid || thresholdLow > thresholdHigh) return "INVALID_PARAMETERS";
      if (domain.power === null || !board.switches.notifications) return "NOT_SUPPORTED";
      const enabled = (notifyEnable & 1) === 1;
      subscribe(draft, caller, POWERCAP_MEASUREMENTS_NOTIFY, domainId, enabled);
      const column = subscriptionColumn(POWERCAP_MEASUREMENTS_NOTIFY, domainId);
      draft.set("subscription", caller, `${column}.low`, enabled ? thresholdLow : undefined);
      draft.set("subscription", caller, `${column}.high`, enabled ? thresholdHigh : undefined);
      return "SUCCESS";
    },

    // No domain of the model's has a fast channel.
    POWERCAP_DESCRIBE_FASTCHANNEL: ({ board }, { domainId }) =>
      board.resources.powercap.byId.has(domainId) ? "NOT_SUPPORTED" : noSuchId(board),

    POWERCAP_CPC_ATTRIBUTES: (context, { domainId, descIndex }) => {
      const domain = context.board.resources.powercap.byId.get(domainId);
      if (domain === undefined) return noSuchId(context.board);
      const all = [domain, ...domain.limits].map(({ name, range, caiRange }, cpli) => ({
        cpli,
        flags: isConfigurable(range) ? 1 : 0,
        minPowerCap: range.min,
        maxPowerCap: range.max,
        powerCapStep: range.step,
        minCai: caiRange.min,
        maxCai: caiRange.max,
        caiStep: caiRange.step,
        name,
      }));
      if (descIndex >= all.length) return "OUT_OF_RANGE";
      const { items, returned, remaining } = listPage(context, POWERCAP_CPC_ATTRIBUTES, all, descIndex);
      const numCpl = composeWord(POWERCAP_CPC_ATTRIBUTES.p2a.numCpl, { returned, remaining });
      return { numCpl, limits: items };
    },

    POWERCAP_CAI_GET: (context, { domainId, cpli }) => {
      const found = limitOf(context, domainId, cpli);
      if (typeof found === "string") return found;
      return { interval: context.draft.get("powercap", domainId, `cai${cpli}`) ?? found.limit.cai };
    },

    POWERCAP_CAI_SET: (context, { domainId, flags, interval, cpli }) => {
      const { draft, caller } = context;
      const found = limitOf(context, domainId, cpli);
      if (typeof found === "string") return found;
      const denied = denial(context, "powercap", domainId);
      if (denied !== null) return denied;
      if (hasStrayBits(context, POWERCAP_CAI_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      const { caiRange } = found.limit;
      if (!isConfigurable(caiRange)) return "NOT_SUPPORTED";
      if (!isWithin(interval, caiRange)) return "OUT_OF_RANGE";
      draft.set("powercap", domainId, `cai${cpli}`, interval);
      draft.set("powercap", domainId, "setBy", caller);
      return "SUCCESS";
    },
  },
  {
    POWERCAP_CAP_SET: (context, { domainId, cpli = 0, flags }) =>
      (flags & 1) === 1 ? null : { domainId, powerCap: capOf(context, domainId, cpli), cpli },
  },
);

/** A domain and one of its limits; a limit is named by an id, and so is refused as one. */
function limitOf(
  { board }: Context,
  domainId: number,
  cpli: number,
): { readonly domain: PowerCapConfig; readonly limit: CapLimitConfig } | ScmiStatus {
  const domain = board.resources.powercap.byId.get(domainId);
  const limit = cpli === 0 ? domain : domain?.limits[cpli - 1];
  return domain === undefined || limit === undefined ? noSuchId(board) : { domain, limit };
}

function capOf({ board, draft }: Context, domainId: number, cpli: number): number {
  const domain = board.resources.powercap.byId.get(domainId);
  const limit = cpli === 0 ? domain : domain?.limits[cpli - 1];
  return draft.get("powercap", domainId, `cap${cpli}`) ?? limit?.cap ?? 0;
}

function paiOf({ board, draft }: Context, domainId: number): number {
  return draft.get("powercap", domainId, "pai") ?? board.resources.powercap.byId.get(domainId)?.pai ?? 0;
}

function isConfigurable({ min, max }: CapRange): boolean {
  return min !== max;
}

function isWithin(value: number, { min, max }: CapRange): boolean {
  return value >= min && value <= max;
}
