import type { ClockConfig } from "#config/board/board.ts";
import { composeWord, readBits } from "#scmi/fields.ts";
import { CLOCK, CLOCK_STATES } from "#scmi/protocols/clock.ts";
import { canHave } from "../../protocols/clock.ts";
import { listPage } from "../../resources/list-page.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { voteClock } from "./clock-votes.ts";
import { negotiate } from "./common.ts";
import { hasLevel, isAbsent, refusal } from "./levels.ts";

const {
  PROTOCOL_ATTRIBUTES,
  CLOCK_ATTRIBUTES,
  CLOCK_DESCRIBE_RATES,
  CLOCK_CONFIG_SET,
  CLOCK_CONFIG_GET,
  CLOCK_POSSIBLE_PARENTS_GET,
  CLOCK_GET_PERMISSIONS,
} = CLOCK.commands;

/** The one type of extended configuration. */
const EXTENDED_TYPE = 0x80;

const CONFIG = CLOCK_CONFIG_SET.a2p.attributes.bits;

/** Clock management protocol. @see profile-imx.md */
export const clock: Handlers<(typeof CLOCK)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, { clocks: board.resources.clock.count }),
  }),

  CLOCK_ATTRIBUTES: (context, { clockId }) => {
    const { board, draft, caller } = context;
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    const attributes = composeWord(CLOCK_ATTRIBUTES.p2a.attributes, {
      parents: parentsOf(config).length > 0,
      extendedConfig: true,
      restricted: !hasLevel(board, caller, "clock", clockId, "EXCLUSIVE"),
      enabled: draft.get("clock", clockId, "enabled") ?? false,
    });
    return { attributes, name: config.name, clockEnableDelay: 0 };
  },

  CLOCK_DESCRIBE_RATES: (context, { clockId, rateIndex }) => {
    const refused = refusal(context, "clock", clockId);
    if (refused !== null) return refused;
    if (rateIndex !== 0) return "OUT_OF_RANGE";
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    const numRatesFlags = composeWord(CLOCK_DESCRIBE_RATES.p2a.numRatesFlags, { returned: 3, triplet: true });
    return { numRatesFlags, rates: rangeOf(config).map(BigInt) };
  },

  CLOCK_RATE_SET: (context, { flags, clockId, rate }) => {
    const { draft, caller } = context;
    const refused = refusal(context, "clock", clockId, "EXCLUSIVE");
    if (refused !== null) return refused;
    if ((flags & 1) === 1) return "INVALID_PARAMETERS";
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    if (config.fixed) return "SUCCESS";
    if (!canHave(config, rate)) return "INVALID_PARAMETERS";
    draft.set("clock", clockId, "rate", Number(rate));
    draft.set("clock", clockId, "setBy", caller);
    return "SUCCESS";
  },

  CLOCK_RATE_GET: (context, { clockId }) => {
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    return { rate: BigInt(context.draft.get("clock", clockId, "rate") ?? config.rate) };
  },

  CLOCK_CONFIG_SET: (context, { clockId, attributes, extendedConfigVal }) => {
    const { board, draft, caller } = context;
    const type = readBits(attributes, CONFIG.extendedConfigType);
    const state = readBits(attributes, CONFIG.state);
    if (type !== 0 && extendedConfigVal === undefined) return "PROTOCOL_ERROR";
    if (clockId >= board.resources.clock.count) return "NOT_FOUND";
    const isUnchanged = state === CLOCK_STATES.UNCHANGED;
    const isOnOrOff = state === CLOCK_STATES.DISABLE || state === CLOCK_STATES.ENABLE;
    if (!isOnOrOff && !(isUnchanged && type !== 0)) return "INVALID_PARAMETERS";
    const refused = refusal(context, "clock", clockId, type === 0 ? "SET" : "EXCLUSIVE");
    if (refused !== null) return refused;
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    if (type !== 0) {
      if (type !== EXTENDED_TYPE) return "NOT_FOUND";
      draft.set("clock", clockId, `extended${EXTENDED_TYPE}`, extendedConfigVal || undefined);
    }
    if (isOnOrOff && !config.fixed) voteClock(board, draft, caller, clockId, state === CLOCK_STATES.ENABLE);
    return "SUCCESS";
  },

  CLOCK_CONFIG_GET: (context, { clockId, flags }) => {
    const { draft } = context;
    const found = present(context, clockId);
    if (typeof found === "string") return found;
    const type = readBits(flags, CLOCK_CONFIG_GET.a2p.flags.bits.extendedConfigType);
    if (type !== 0 && type !== EXTENDED_TYPE) return "NOT_FOUND";
    const enabled = draft.get("clock", clockId, "enabled") ?? false;
    const config = composeWord(CLOCK_CONFIG_GET.p2a.config, { enabled });
    const value = type === 0 ? 0 : (draft.get("clock", clockId, `extended${EXTENDED_TYPE}`) ?? 0);
    return { attributes: 0, config, extendedConfigVal: value };
  },

  CLOCK_POSSIBLE_PARENTS_GET: (context, { clockId, skipParents }) => {
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    const all = parentsOf(config);
    if (all.length === 0) return "NOT_SUPPORTED";
    if (skipParents >= all.length) return "OUT_OF_RANGE";
    const { items, returned, remaining } = listPage(context, CLOCK_POSSIBLE_PARENTS_GET, all, skipParents);
    const word = CLOCK_POSSIBLE_PARENTS_GET.p2a.numParentsFlags;
    return { numParentsFlags: composeWord(word, { returned, remaining }), parents: items };
  },

  CLOCK_PARENT_SET: (context, { clockId, parentId }) => {
    const { draft, caller } = context;
    const refused = refusal(context, "clock", clockId, "EXCLUSIVE");
    if (refused !== null) return refused;
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    if (!parentsOf(config).includes(parentId)) return "INVALID_PARAMETERS";
    draft.set("clock", clockId, "parent", parentId);
    draft.set("clock", clockId, "setBy", caller);
    return "SUCCESS";
  },

  CLOCK_PARENT_GET: (context, { clockId }) => {
    const config = present(context, clockId);
    if (typeof config === "string") return config;
    const parentId = context.draft.get("clock", clockId, "parent") ?? config.parent ?? null;
    return parentId === null ? "INVALID_PARAMETERS" : { parentId };
  },

  CLOCK_GET_PERMISSIONS: (context, { clockId }) => {
    const { board, caller } = context;
    // Of a clock that is fused off too.
    if (clockId >= board.resources.clock.count) return "NOT_FOUND";
    const isExclusive = hasLevel(board, caller, "clock", clockId, "EXCLUSIVE");
    const permissions = composeWord(CLOCK_GET_PERMISSIONS.p2a.permissions, {
      stateControl: hasLevel(board, caller, "clock", clockId, "SET"),
      parentControl: isExclusive,
      rateControl: isExclusive,
    });
    return { permissions };
  },
};

/** A clock that is there, or why not. */
function present(context: Context, clockId: number): ClockConfig | "NOT_FOUND" {
  const config = context.board.resources.clock.byId.get(clockId);
  return config === undefined || isAbsent(context, "clock", clockId) ? "NOT_FOUND" : config;
}

function parentsOf({ parents }: ClockConfig): readonly number[] {
  return parents ?? [];
}

/** Lowest and highest rate and the step between; of a list of rates, no step is known. */
function rangeOf({ range, rates, rate }: ClockConfig): [min: number, max: number, step: number] {
  if (range !== null) return [range.min, range.max, range.step];
  const all = rates ?? [rate];
  return [Math.min(...all), Math.max(...all), 0];
}
