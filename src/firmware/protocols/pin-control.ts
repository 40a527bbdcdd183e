import { composeWord, readBits } from "#scmi/fields.ts";
import { NO_FUNCTION, PIN_CONTROL, PIN_SELECTORS, SETTINGS_ASKED } from "#scmi/protocols/pin-control.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { listPage } from "../resources/list-page.ts";
import { canHaveFunction, findPinThing, isPinInUse, pinConfigs } from "../resources/pins.ts";
import { type Context, serve } from "../server-types.ts";
import { commonHandlers, denial, hasStrayBits, isLongName, noSuchId } from "./common.ts";

const {
  PROTOCOL_ATTRIBUTES,
  PINCTRL_ATTRIBUTES,
  PINCTRL_LIST_ASSOCIATIONS,
  PINCTRL_SETTINGS_GET,
  PINCTRL_SETTINGS_CONFIGURE,
  PINCTRL_REQUEST,
  PINCTRL_NAME_GET,
} = PIN_CONTROL.commands;

/**
 * Pin control protocol. Selectors are checked before ids, then permission, then who has the pin, then values. A group is set as one,
 * and its first pin speaks for it. What CONFIGURE asks for is done as a whole or not at all.
 *
 * @see scmi-reference.md 4.10
 */
export const pinControl = serve(PIN_CONTROL, {
  ...commonHandlers,

  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributesLow: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributesLow, {
      groups: board.pinGroups.count,
      pins: board.resources.pinctrl.count,
    }),
    attributesHigh: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributesHigh, {
      functions: board.pinFunctions.count,
    }),
  }),

  PINCTRL_ATTRIBUTES: (context, { identifier, flags }) => {
    const { board, spoken } = context;
    const thing = findPinThing(board, selectorOf(flags), identifier);
    if (thing === null) return noSuchId(board);
    if (hasStrayBits(context, PINCTRL_ATTRIBUTES.a2p.flags, flags)) return "INVALID_PARAMETERS";
    const attributes = composeWord(PINCTRL_ATTRIBUTES.p2a.attributes, {
      extendedName: isLongName(thing.name) && spoken.has(PINCTRL_NAME_GET.id),
      gpio: thing.function?.gpio ?? false,
      pinOnly: (thing.function?.pins ?? null) !== null,
      elements: thing.members.length,
    });
    return { attributes, name: thing.name };
  },

  PINCTRL_LIST_ASSOCIATIONS: (context, { identifier, flags, index }) => {
    const { board } = context;
    const selector = selectorOf(flags);
    const isListing = selector === PIN_SELECTORS.GROUP || selector === PIN_SELECTORS.FUNCTION;
    if (!isListing) return "INVALID_PARAMETERS";
    const thing = findPinThing(board, selector, identifier);
    if (thing === null) return noSuchId(board);
    if (hasStrayBits(context, PINCTRL_LIST_ASSOCIATIONS.a2p.flags, flags)) return "INVALID_PARAMETERS";
    if (index >= thing.members.length) return "OUT_OF_RANGE";
    const page = listPage(context, PINCTRL_LIST_ASSOCIATIONS, thing.members, index);
    const { returned, remaining } = page;
    const word = composeWord(PINCTRL_LIST_ASSOCIATIONS.p2a.flags, { returned, remaining });
    return { flags: word, associations: page.items };
  },

  PINCTRL_SETTINGS_GET: (context, { identifier, attributes }) => {
    const { board, draft } = context;
    const parts = PINCTRL_SETTINGS_GET.a2p.attributes.bits;
    const pins = pinsOf(context, readBits(attributes, parts.selector), identifier);
    if (typeof pins === "string") return pins;
    const asked = readBits(attributes, parts.asked);
    const isKnown = Object.values<number>(SETTINGS_ASKED).includes(asked);
    const isStray = hasStrayBits(context, PINCTRL_SETTINGS_GET.a2p.attributes, attributes);
    if (!isKnown || isStray) return "INVALID_PARAMETERS";

    const pin = pins[0] as number;
    const functionSelected =
      draft.get("pin", pin, "function") ?? board.resources.pinctrl.byId.get(pin)?.function ?? NO_FUNCTION;
    const word = PINCTRL_SETTINGS_GET.p2a.numConfigs;
    if (asked === SETTINGS_ASKED.FUNCTION) return { functionSelected, numConfigs: 0, configs: [] };
    if (asked === SETTINGS_ASKED.ONE) {
      const type = readBits(attributes, parts.type);
      if (!isConfigType(type)) return "NOT_SUPPORTED";
      const value = draft.get("pin", pin, type) ?? 0;
      return { functionSelected, numConfigs: composeWord(word, { returned: 1 }), configs: [{ type, value }] };
    }
    const all = pinConfigs(draft, pin);
    const skip = readBits(attributes, parts.skip);
    if (skip > all.length) return "OUT_OF_RANGE";
    const { items, returned, remaining } = listPage(context, PINCTRL_SETTINGS_GET, all, skip);
    return { functionSelected, numConfigs: composeWord(word, { returned, remaining }), configs: items };
  },

  PINCTRL_SETTINGS_CONFIGURE: (context, { identifier, functionId, attributes, configs }) => {
    const { board, draft, caller } = context;
    const parts = PINCTRL_SETTINGS_CONFIGURE.a2p.attributes.bits;
    const count = readBits(attributes, parts.numConfigs);
    if (count !== configs.length) return "PROTOCOL_ERROR";
    if (count > configsMax(context)) return "INVALID_PARAMETERS";
    const selector = readBits(attributes, parts.selector);
    const pins = pinsOf(context, selector, identifier);
    if (typeof pins === "string") return pins;
    const denied = deniedPins(context, pins);
    if (denied !== null) return denied;
    if (isPinInUse(draft, pins, caller)) return "IN_USE";
    if (hasStrayBits(context, PINCTRL_SETTINGS_CONFIGURE.a2p.attributes, attributes)) {
      return "INVALID_PARAMETERS";
    }
    const setsFunction = readBits(attributes, parts.setFunction) === 1;
    if (setsFunction) {
      const wanted = board.pinFunctions.byId.get(functionId);
      if (wanted === undefined) return noSuchId(board);
      if (!canHaveFunction(board, wanted, selector, identifier)) return "INVALID_PARAMETERS";
    }
    if (configs.some(({ type }) => type !== DEFAULT && !isConfigType(type))) return "NOT_SUPPORTED";

    for (const pin of pins) {
      if (setsFunction) draft.set("pin", pin, "function", functionId);
      for (const { type, value } of configs) {
        if (type === DEFAULT) forgetConfigs(context, pin);
        else draft.set("pin", pin, type, value);
      }
    }
    return "SUCCESS";
  },

  PINCTRL_REQUEST: (context, { identifier, flags }) => {
    const { draft, caller } = context;
    const pins = ownPins(context, identifier, flags);
    if (typeof pins === "string") return pins;
    for (const pin of pins) draft.set("pin", pin, "owner", caller);
    return "SUCCESS";
  },

  PINCTRL_RELEASE: (context, { identifier, flags }) => {
    const pins = ownPins(context, identifier, flags);
    if (typeof pins === "string") return pins;
    for (const pin of pins) context.draft.set("pin", pin, "owner", undefined);
    return "SUCCESS";
  },

  PINCTRL_NAME_GET: (context, { identifier, flags }) => {
    const thing = findPinThing(context.board, selectorOf(flags), identifier);
    if (thing === null) return noSuchId(context.board);
    if (hasStrayBits(context, PINCTRL_NAME_GET.a2p.flags, flags)) return "INVALID_PARAMETERS";
    return { flags: 0, name: thing.name };
  },
});

/** The type that stands for no config: setting it takes all of a pin's configs back. */
const DEFAULT = 0;

/** Types that SCMI names, and those that are the vendor's own. */
function isConfigType(type: number): boolean {
  return (type >= 1 && type <= 20) || (type >= 192 && type <= 255);
}

function selectorOf(flags: number): number {
  return readBits(flags, PINCTRL_ATTRIBUTES.a2p.flags.bits.selector);
}

/** The pins of a pin or group, or why there are none. */
function pinsOf({ board }: Context, selector: number, id: number): readonly number[] | ScmiStatus {
  if (selector !== PIN_SELECTORS.PIN && selector !== PIN_SELECTORS.GROUP) return "INVALID_PARAMETERS";
  return findPinThing(board, selector, id)?.members ?? noSuchId(board);
}

/** The pins that the caller asks to have, or to give back: it may use all of them, and no other agent has one. */
function ownPins(context: Context, id: number, flags: number): readonly number[] | ScmiStatus {
  if (hasStrayBits(context, PINCTRL_REQUEST.a2p.flags, flags)) return "INVALID_PARAMETERS";
  const pins = pinsOf(context, selectorOf(flags), id);
  if (typeof pins === "string") return pins;
  return deniedPins(context, pins) ?? (isPinInUse(context.draft, pins, context.caller) ? "IN_USE" : pins);
}

/** The refusal that a caller gets who may not use one of these pins, or null. */
function deniedPins(context: Context, pins: readonly number[]): ScmiStatus | null {
  for (const pin of pins) {
    const denied = denial(context, "pinctrl", pin);
    if (denied !== null) return denied;
  }
  return null;
}

function forgetConfigs({ draft }: Context, pin: number): void {
  for (const { type } of pinConfigs(draft, pin)) draft.set("pin", pin, type, undefined);
}

/** Configs that one message may set: as many as an answer has room for. */
function configsMax({ board }: Context): number {
  return Math.floor((board.switches.maxListPayload - 12) / 8);
}
