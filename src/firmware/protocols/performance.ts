import type { FastChannelConfig, PerformanceDomainConfig } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import type { Command } from "#scmi/protocol.ts";
import { DOORBELL_WIDTHS, PERFORMANCE } from "#scmi/protocols/performance.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { subscribe } from "../p2a/subscriptions.ts";
import { listPage } from "../resources/list-page.ts";
import { isIndexed, levelNumbers, levelWithin } from "../resources/performance-levels.ts";
import { type Context, serve } from "../server-types.ts";
import {
  canNotify,
  commonHandlers,
  denial,
  extendedName,
  hasStrayBits,
  isLongName,
  noAttributes,
  noSuchId,
} from "./common.ts";

const {
  PROTOCOL_ATTRIBUTES,
  PROTOCOL_MESSAGE_ATTRIBUTES,
  PERFORMANCE_DOMAIN_ATTRIBUTES,
  PERFORMANCE_DESCRIBE_LEVELS,
  PERFORMANCE_NOTIFY_LIMITS,
  PERFORMANCE_NOTIFY_LEVEL,
  PERFORMANCE_DESCRIBE_FASTCHANNEL,
  PERFORMANCE_DOMAIN_NAME_GET,
} = PERFORMANCE.commands;

/**
 * Performance domain management protocol. Checks go size, id, permission, range; notifications need no permission, as nothing does
 * that only reads.
 *
 * @see scmi-reference.md 4.4
 */
export const performance = serve(PERFORMANCE, {
  ...commonHandlers,

  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, {
      domains: board.resources.performance.count,
      powerUnit: POWER_UNITS[board.switches.powerUnit],
    }),
    statisticsAddress: 0n,
    statisticsLen: 0,
  }),

  PROTOCOL_MESSAGE_ATTRIBUTES: ({ board, spoken }, { messageId }) => {
    if (!spoken.has(messageId)) return "NOT_FOUND";
    const fastChannel =
      spoken.has(PERFORMANCE_DESCRIBE_FASTCHANNEL.id) &&
      [...board.resources.performance.byId.values()].some(
        (domain) => fastChannelOf(domain, messageId) !== undefined,
      );
    return { attributes: composeWord(PROTOCOL_MESSAGE_ATTRIBUTES.p2a.attributes, { fastChannel }) };
  },

  PERFORMANCE_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
    const { board, spoken } = context;
    const domain = board.resources.performance.byId.get(domainId);
    if (domain === undefined) return noAttributes(board, "performance", domainId);
    const maySet = denial(context, "performance", domainId) === null;
    const attributes = composeWord(PERFORMANCE_DOMAIN_ATTRIBUTES.p2a.attributes, {
      canSetLimits: maySet,
      canSetLevel: maySet,
      limitsNotifications: domain.notifications && canNotify(context, PERFORMANCE_NOTIFY_LIMITS),
      levelNotifications: domain.notifications && canNotify(context, PERFORMANCE_NOTIFY_LEVEL),
      fastChannels: domain.fastChannels.length > 0 && spoken.has(PERFORMANCE_DESCRIBE_FASTCHANNEL.id),
      extendedName: isLongName(domain.name) && spoken.has(PERFORMANCE_DOMAIN_NAME_GET.id),
      levelIndexing: isIndexed(board, domain),
    });
    return {
      attributes,
      rateLimit: domain.rateLimitUs,
      sustainedFreq: domain.sustainedFreqKhz,
      sustainedPerfLevel: domain.sustainedLevel,
      name: domain.name,
    };
  },

  PERFORMANCE_DESCRIBE_LEVELS: (context, { domainId, levelIndex }) => {
    const { board } = context;
    const domain = board.resources.performance.byId.get(domainId);
    if (domain === undefined) return noSuchId(board);
    if (levelIndex >= domain.levels.length) return "OUT_OF_RANGE";
    const levels = domain.levels.map(({ value, powerCost, latencyUs, frequencyKhz }, index) => ({
      level: value,
      powerCost,
      attributes: latencyUs,
      indicativeFrequency: frequencyKhz,
      levelIndex: index,
    }));
    const { items, returned, remaining } = listPage(context, PERFORMANCE_DESCRIBE_LEVELS, levels, levelIndex);
    const numLevels = composeWord(PERFORMANCE_DESCRIBE_LEVELS.p2a.numLevels, { returned, remaining });
    return { numLevels, levels: items };
  },

  PERFORMANCE_LIMITS_SET: (context, { domainId, rangeMax, rangeMin }) => {
    const { board, draft, caller, spoken } = context;
    const domain = board.resources.performance.byId.get(domainId);
    if (domain === undefined) return noSuchId(board);
    const denied = denial(context, "performance", domainId);
    if (denied !== null) return denied;

    const before = limitsOf(context, domainId);
    const [max, min] =
      spoken.layout >= 0x4_0000 ? [rangeMax || before.max, rangeMin || before.min] : [rangeMax, rangeMin];
    if (rangeMax === 0 && rangeMin === 0 && spoken.layout >= 0x4_0000) return "OUT_OF_RANGE";
    const numbers = levelNumbers(board, domain);
    if (max > (numbers.at(-1) as number) || min < (numbers[0] as number)) return "OUT_OF_RANGE";
    if (min > max) return "INVALID_PARAMETERS";

    draft.set("performance", domainId, "max", max);
    draft.set("performance", domainId, "min", min);
    draft.set("performance", domainId, "limitsBy", caller);
    draft.set(
      "performance",
      domainId,
      "level",
      levelWithin(numbers, levelOf(context, domainId), { min, max }),
    );
    return "SUCCESS";
  },

  PERFORMANCE_LIMITS_GET: (context, { domainId }) => {
    if (!context.board.resources.performance.byId.has(domainId)) return noSuchId(context.board);
    const { max, min } = limitsOf(context, domainId);
    return { rangeMax: max, rangeMin: min };
  },

  PERFORMANCE_LEVEL_SET: (context, { domainId, performanceLevel }) => {
    const { board, draft } = context;
    const domain = board.resources.performance.byId.get(domainId);
    if (domain === undefined) return noSuchId(board);
    const denied = denial(context, "performance", domainId);
    if (denied !== null) return denied;
    const { max, min } = limitsOf(context, domainId);
    const isAllowed = performanceLevel <= max && performanceLevel >= min;
    if (!isAllowed || !levelNumbers(board, domain).includes(performanceLevel)) return "OUT_OF_RANGE";
    draft.set("performance", domainId, "level", performanceLevel);
    return "SUCCESS";
  },

  PERFORMANCE_LEVEL_GET: (context, { domainId }) => {
    if (!context.board.resources.performance.byId.has(domainId)) return noSuchId(context.board);
    return { performanceLevel: levelOf(context, domainId) };
  },

  PERFORMANCE_NOTIFY_LIMITS: (context, { domainId, notifyEnable }) =>
    notify(context, PERFORMANCE_NOTIFY_LIMITS, domainId, notifyEnable),

  PERFORMANCE_NOTIFY_LEVEL: (context, { domainId, notifyEnable }) =>
    notify(context, PERFORMANCE_NOTIFY_LEVEL, domainId, notifyEnable),

  PERFORMANCE_DESCRIBE_FASTCHANNEL: ({ board, spoken }, { domainId, messageId }) => {
    const domain = board.resources.performance.byId.get(domainId);
    if (domain === undefined) return noSuchId(board);
    if (domain.fastChannels.length === 0) return "NOT_SUPPORTED";
    if (!spoken.has(messageId)) return "NOT_FOUND";
    const channel = fastChannelOf(domain, messageId);
    return channel === undefined ? "NOT_SUPPORTED" : describe(channel);
  },

  PERFORMANCE_DOMAIN_NAME_GET: (context, { domainId }) => extendedName(context, "performance", domainId),
});

const POWER_UNITS = { abstract: 0, mW: 1, uW: 2 } as const;

function limitsOf({ draft }: Context, domainId: number): { max: number; min: number } {
  return {
    max: draft.get("performance", domainId, "max") ?? 0,
    min: draft.get("performance", domainId, "min") ?? 0,
  };
}

function levelOf({ draft }: Context, domainId: number): number {
  return draft.get("performance", domainId, "level") ?? 0;
}

/** Keeps the caller's wish to be told, or not. */
function notify(
  context: Context,
  command: Command & { readonly a2p: typeof PERFORMANCE_NOTIFY_LEVEL.a2p },
  domainId: number,
  word: number,
): ScmiStatus {
  const { board, draft, caller } = context;
  const domain = board.resources.performance.byId.get(domainId);
  if (domain === undefined) return noSuchId(board);
  if (hasStrayBits(context, command.a2p.notifyEnable, word)) return "INVALID_PARAMETERS";
  if (!domain.notifications || !board.switches.notifications) return "NOT_SUPPORTED";
  subscribe(draft, caller, command, domainId, (word & 1) === 1);
  return "SUCCESS";
}

function fastChannelOf(domain: PerformanceDomainConfig, messageId: number): FastChannelConfig | undefined {
  return domain.fastChannels.find(({ message }) => PERFORMANCE.commands[message].id === messageId);
}

/** Where a fast channel lies: one word for a level, two for limits. */
function describe({ message, address, rateLimitUs, doorbell }: FastChannelConfig) {
  const isOfLimits = message === "PERFORMANCE_LIMITS_SET" || message === "PERFORMANCE_LIMITS_GET";
  return {
    attributes: composeWord(PERFORMANCE_DESCRIBE_FASTCHANNEL.p2a.attributes, {
      doorbell: doorbell !== null,
      doorbellWidth: doorbell === null ? 0 : DOORBELL_WIDTHS[`BITS_${doorbell.width}`],
    }),
    rateLimit: rateLimitUs,
    channelAddress: BigInt(address),
    channelSize: isOfLimits ? 8 : 4,
    doorbellAddress: BigInt(doorbell?.address ?? 0),
    doorbellSetMask: BigInt(doorbell?.setMask ?? 0),
    doorbellPreserveMask: BigInt(doorbell?.preserveMask ?? 0),
  };
}
