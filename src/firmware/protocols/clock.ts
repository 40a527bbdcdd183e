import type { ClockConfig } from "#config/board/board.ts";
import { composeWord, readBits } from "#scmi/fields.ts";
import { CLOCK, CLOCK_STATES, EXTENDED_CONFIGS } from "#scmi/protocols/clock.ts";
import { raise } from "../p2a/notifications.ts";
import { canDefer, defer } from "../p2a/pending.ts";
import { listPage } from "../resources/list-page.ts";
import { voteClock } from "../resources/votes.ts";
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
  CLOCK_ATTRIBUTES,
  CLOCK_DESCRIBE_RATES,
  CLOCK_RATE_SET,
  CLOCK_CONFIG_SET,
  CLOCK_NAME_GET,
  CLOCK_RATE_NOTIFY,
  CLOCK_RATE_CHANGE_REQUESTED_NOTIFY,
  CLOCK_CONFIG_GET,
  CLOCK_POSSIBLE_PARENTS_GET,
  CLOCK_GET_PERMISSIONS,
} = CLOCK.commands;

/**
 * Clock management protocol. Checks go size, id, permission, flags, value; from 3.0 on CLOCK_CONFIG_SET looks at the value first.
 *
 * @see profile-ref.md, "Clocks"; scmi-reference.md 4.5
 */
export const clock = serve(
  CLOCK,
  {
    ...commonHandlers,

    PROTOCOL_ATTRIBUTES: (context) => {
      const { switches, resources } = context.board;
      const attributes = composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, {
        clocks: resources.clock.count,
        maxPendingTransactions: canDefer(context) ? switches.asyncPending : switches.clockPendingAsync,
      });
      return { attributes };
    },

    CLOCK_ATTRIBUTES: (context, { clockId }) => {
      const { board, draft, spoken } = context;
      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined) return noAttributes(board, "clock", clockId);
      const attributes = composeWord(CLOCK_ATTRIBUTES.p2a.attributes, {
        rateChangedNotifications: canNotify(context, CLOCK_RATE_NOTIFY),
        rateChangeRequestedNotifications: canNotify(context, CLOCK_RATE_CHANGE_REQUESTED_NOTIFY),
        enabled: draft.get("clock", clockId, "enabled") ?? false,
        restricted: spoken.has(CLOCK_GET_PERMISSIONS.id) && denial(context, "clock", clockId) !== null,
        extendedName: isLongName(config.name) && spoken.has(CLOCK_NAME_GET.id),
        parents: parentsOf(config).length > 0 && spoken.has(CLOCK_POSSIBLE_PARENTS_GET.id),
        extendedConfig: (config.extendedConfigs ?? []).length > 0 && spoken.has(CLOCK_CONFIG_GET.id),
      });
      return { attributes, name: config.name, clockEnableDelay: 0 };
    },

    CLOCK_DESCRIBE_RATES: ({ board }, { clockId, rateIndex }) => {
      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined) return noSuchId(board);
      const word = CLOCK_DESCRIBE_RATES.p2a.numRatesFlags;
      if (config.range !== null) {
        if (rateIndex !== 0 && board.switches.rangeIndexChecked) return "OUT_OF_RANGE";
        const { min, max, step } = config.range;
        const numRatesFlags = composeWord(word, { returned: 3, triplet: true });
        return { numRatesFlags, rates: [BigInt(min), BigInt(max), BigInt(step)] };
      }
      const all = config.rates ?? [config.rate];
      if (rateIndex >= all.length) return "OUT_OF_RANGE";
      const room = Math.floor((board.switches.maxListPayload - 8) / 8);
      const rates = all.slice(rateIndex, rateIndex + room).map(BigInt);
      const remaining = all.length - rateIndex - rates.length;
      return { numRatesFlags: composeWord(word, { returned: rates.length, remaining }), rates };
    },

    CLOCK_RATE_SET: (context, { flags, clockId, rate }) => {
      const { board, draft, caller } = context;
      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined) return noSuchId(board);
      const denied = denial(context, "clock", clockId);
      if (denied !== null) return denied;
      if (hasStrayBits(context, CLOCK_RATE_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      const isAsync = (flags & 1) === 1;
      if (isStrict(context) && isAsync && !canDefer(context, config)) return "INVALID_PARAMETERS";
      if (!config.fixed && !canHave(config, rate)) return "INVALID_PARAMETERS";
      const taken = isAsync && canDefer(context, config) ? defer(context) : null;
      if (taken === "BUSY") return taken;
      if (!context.isCompletion) {
        const { CLOCK_RATE_CHANGE_REQUESTED } = CLOCK.sent;
        const fields = { agentId: caller, clockId, rate };
        raise(context, CLOCK_RATE_CHANGE_REQUESTED_NOTIFY, CLOCK_RATE_CHANGE_REQUESTED, clockId, fields);
      }
      if (taken === null && !config.fixed) draft.set("clock", clockId, "rate", Number(rate));
      return "SUCCESS";
    },

    CLOCK_RATE_GET: ({ board, draft }, { clockId }) => {
      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined) return noSuchId(board);
      return { rate: BigInt(draft.get("clock", clockId, "rate") ?? config.rate) };
    },

    CLOCK_CONFIG_SET: (context, { clockId, attributes, extendedConfigVal }) => {
      const { board, draft, spoken } = context;
      const isNew = spoken.layout >= 0x3_0000;
      const hasExtended = isNew && readBits(attributes, CONFIG.extendedConfigType) !== 0;
      // The short form is enough only where no extended configuration is asked for.
      if (hasExtended && extendedConfigVal === undefined) return "PROTOCOL_ERROR";

      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined) return noSuchId(board);
      const denied = denial(context, "clock", clockId);
      const isInvalid = isNew
        ? !isConfig(context, config, attributes, extendedConfigVal ?? 0)
        : hasStrayBits(context, OLD_CONFIG, attributes);
      // From 3.0 on the value is looked at before the permission.
      if (isInvalid && (isNew || denied === null)) return "INVALID_PARAMETERS";
      if (denied !== null) return denied;
      if (config.fixed) return "SUCCESS";
      if (hasExtended) {
        const type = readBits(attributes, CONFIG.extendedConfigType);
        draft.set("clock", clockId, `extended${type}`, extendedConfigVal);
      }
      if (isNew && readBits(attributes, CONFIG.state) === CLOCK_STATES.UNCHANGED) return "SUCCESS";
      const on = (attributes & 1) === 1;
      if (board.switches.clockVotes === "global") draft.set("clock", clockId, "enabled", on);
      else voteClock(board, draft, context.caller, clockId, on);
      return "SUCCESS";
    },

    CLOCK_NAME_GET: (context, { clockId }) => extendedName(context, "clock", clockId),

    CLOCK_RATE_NOTIFY: (context, { clockId, notifyEnable }) =>
      notify(context, "clock", CLOCK_RATE_NOTIFY, clockId, notifyEnable),

    CLOCK_RATE_CHANGE_REQUESTED_NOTIFY: (context, { clockId, notifyEnable }) =>
      notify(context, "clock", CLOCK_RATE_CHANGE_REQUESTED_NOTIFY, clockId, notifyEnable),

    CLOCK_CONFIG_GET: (context, { clockId, flags }) => {
      const { board, draft } = context;
      const clockConfig = board.resources.clock.byId.get(clockId);
      if (clockConfig === undefined) return noSuchId(board);
      const type = readBits(flags, CLOCK_CONFIG_GET.a2p.flags.bits.extendedConfigType);
      if (type !== 0 && !hasExtendedConfig(clockConfig, type)) return "INVALID_PARAMETERS";
      if (hasStrayBits(context, CLOCK_CONFIG_GET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      const enabled = draft.get("clock", clockId, "enabled") ?? false;
      const config = composeWord(CLOCK_CONFIG_GET.p2a.config, { enabled });
      const extendedConfigVal = type === 0 ? 0 : (draft.get("clock", clockId, `extended${type}`) ?? 0);
      return { attributes: 0, config, extendedConfigVal };
    },

    CLOCK_POSSIBLE_PARENTS_GET: (context, { clockId, skipParents }) => {
      const config = context.board.resources.clock.byId.get(clockId);
      if (config === undefined) return noSuchId(context.board);
      const all = parentsOf(config);
      if (all.length === 0) return "NOT_SUPPORTED";
      if (skipParents >= all.length) return "OUT_OF_RANGE";
      const { items, ...counts } = listPage(context, CLOCK_POSSIBLE_PARENTS_GET, all, skipParents);
      const word = CLOCK_POSSIBLE_PARENTS_GET.p2a.numParentsFlags;
      return { numParentsFlags: composeWord(word, counts), parents: items };
    },

    CLOCK_PARENT_SET: (context, { clockId, parentId }) => {
      const { board, draft } = context;
      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined || !board.resources.clock.byId.has(parentId)) return noSuchId(board);
      const denied = denial(context, "clock", clockId);
      if (denied !== null) return denied;
      const all = parentsOf(config);
      if (all.length === 0) return "NOT_SUPPORTED";
      if (!all.includes(parentId)) return "INVALID_PARAMETERS";
      if (!config.fixed) draft.set("clock", clockId, "parent", parentId);
      return "SUCCESS";
    },

    CLOCK_PARENT_GET: ({ board, draft }, { clockId }) => {
      const config = board.resources.clock.byId.get(clockId);
      if (config === undefined) return noSuchId(board);
      const parentId = draft.get("clock", clockId, "parent") ?? config.parent ?? null;
      return parentId === null ? "NOT_SUPPORTED" : { parentId };
    },

    CLOCK_GET_PERMISSIONS: (context, { clockId }) => {
      if (!context.board.resources.clock.byId.has(clockId)) return noSuchId(context.board);
      const allowed = denial(context, "clock", clockId) === null;
      const parts = { stateControl: allowed, parentControl: allowed, rateControl: allowed };
      return { permissions: composeWord(CLOCK_GET_PERMISSIONS.p2a.permissions, parts) };
    },
  },
  {
    CLOCK_RATE_SET: ({ board, draft }, { flags, clockId }) => {
      const isUnwanted = readBits(flags, CLOCK_RATE_SET.a2p.flags.bits.noDelayedResponse) === 1;
      const rate = draft.get("clock", clockId, "rate") ?? board.resources.clock.byId.get(clockId)?.rate ?? 0;
      return isUnwanted ? null : { clockId, rate: BigInt(rate) };
    },
  },
);

/** The parts of CLOCK_CONFIG_SET's attributes from 3.0 on. */
const CONFIG = CLOCK_CONFIG_SET.a2p.attributes.bits;

/** Whether CLOCK_CONFIG_SET can do what the attributes ask. To leave the state as it is, there has to be something else to set. */
function isConfig(context: Context, config: ClockConfig, attributes: number, value: number): boolean {
  if (hasStrayBits(context, CLOCK_CONFIG_SET.a2p.attributes, attributes)) return false;
  const type = readBits(attributes, CONFIG.extendedConfigType);
  if (type !== 0 && !(hasExtendedConfig(config, type) && value <= highestOf(type))) return false;
  const state = readBits(attributes, CONFIG.state);
  if (state === CLOCK_STATES.UNCHANGED) return type !== 0;
  return state === CLOCK_STATES.DISABLE || state === CLOCK_STATES.ENABLE;
}

function hasExtendedConfig({ extendedConfigs = [] }: ClockConfig, type: number): boolean {
  return extendedConfigs.includes(type);
}

/** The highest value of an extended configuration: a duty cycle is a percentage, a phase an angle in degrees. */
function highestOf(type: number): number {
  if (type === EXTENDED_CONFIGS.DUTY_CYCLE) return 100;
  return type === EXTENDED_CONFIGS.PHASE ? 359 : 0xffff_ffff;
}

/** The attributes word of CLOCK_CONFIG_SET up to 2.0, where only bit 0 means something. */
const OLD_CONFIG = {
  kind: "u32",
  bits: { enable: { low: 0, width: 1, doc: "1 starts it, 0 stops it" } },
} as const;

/** Whether a clock can run at a rate: a listed one, or a step of its range. */
export function canHave({ rates, range, rate }: ClockConfig, wanted: bigint): boolean {
  if (wanted > BigInt(Number.MAX_SAFE_INTEGER)) return false;
  const hz = Number(wanted);
  if (range === null) return (rates ?? [rate]).includes(hz);
  return hz >= range.min && hz <= range.max && isStep(hz - range.min, range.step);
}

function isStep(distance: number, step: number): boolean {
  return step === 0 ? distance === 0 : distance % step === 0;
}

function parentsOf({ parents = [] }: ClockConfig): readonly number[] {
  return parents;
}
