import { composeWord, readBits } from "#scmi/fields.ts";
import { NO_FUNCTION, PIN_CONTROL, PIN_SELECTORS, SETTINGS_ASKED } from "#scmi/protocols/pin-control.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { listPage } from "../../resources/list-page.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { negotiate } from "./common.ts";
import { isAbsent, refusal } from "./levels.ts";

const {
  PROTOCOL_ATTRIBUTES,
  PINCTRL_ATTRIBUTES,
  PINCTRL_SETTINGS_GET,
  PINCTRL_SETTINGS_CONFIGURE,
  PINCTRL_REQUEST,
} = PIN_CONTROL.commands;

/** Types of configs that a pin has: its multiplexer, its pad, and one more; in this order. */
const TYPES: readonly number[] = [192, 193, 196];

/** Pin control protocol, for pins one by one. @see profile-imx.md */
export const pinControl: Handlers<(typeof PIN_CONTROL)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributesLow: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributesLow, {
      pins: board.resources.pinctrl.count,
    }),
    attributesHigh: 0,
  }),

  PINCTRL_ATTRIBUTES: (context, { identifier, flags }) => {
    const selector = readBits(flags, PINCTRL_ATTRIBUTES.a2p.flags.bits.selector);
    if (selector !== PIN_SELECTORS.PIN) return "NOT_FOUND";
    const refused = refusal(context, "pin", identifier) ?? absence(context, identifier);
    if (refused !== null) return refused;
    const name = context.board.resources.pinctrl.byId.get(identifier)?.name ?? "";
    return { attributes: composeWord(PINCTRL_ATTRIBUTES.p2a.attributes, { elements: 1 }), name };
  },

  PINCTRL_SETTINGS_GET: (context, { identifier, attributes }) => {
    const parts = PINCTRL_SETTINGS_GET.a2p.attributes.bits;
    const refused =
      refuseSelector(readBits(attributes, parts.selector)) ??
      refusal(context, "pin", identifier) ??
      absence(context, identifier);
    if (refused !== null) return refused;
    const asked = readBits(attributes, parts.asked);
    if (asked === SETTINGS_ASKED.FUNCTION) {
      return { functionSelected: NO_FUNCTION, numConfigs: 0, configs: [] };
    }
    const word = PINCTRL_SETTINGS_GET.p2a.numConfigs;
    if (asked === SETTINGS_ASKED.ONE) {
      const type = readBits(attributes, parts.type);
      if (!TYPES.includes(type)) return "NOT_SUPPORTED";
      const configs = [configOf(context, identifier, type)];
      return { functionSelected: NO_FUNCTION, numConfigs: composeWord(word, { returned: 1 }), configs };
    }
    const all = TYPES.map((type) => configOf(context, identifier, type));
    const skip = readBits(attributes, parts.skip);
    if (skip > all.length) return "OUT_OF_RANGE";
    const { items, returned, remaining } = listPage(context, PINCTRL_SETTINGS_GET, all, skip);
    const numConfigs = composeWord(word, { returned, remaining });
    return { functionSelected: NO_FUNCTION, numConfigs, configs: items };
  },

  PINCTRL_SETTINGS_CONFIGURE: (context, { identifier, attributes, configs }) => {
    const { draft } = context;
    const parts = PINCTRL_SETTINGS_CONFIGURE.a2p.attributes.bits;
    const count = readBits(attributes, parts.numConfigs);
    if (count > configs.length) return "PROTOCOL_ERROR";
    const refused = refuseSelector(readBits(attributes, parts.selector));
    if (refused !== null) return refused;
    for (const { type, value } of configs.slice(0, count)) {
      if (!TYPES.includes(type)) return "NOT_SUPPORTED";
      const status = refusal(context, "pin", identifier, "EXCLUSIVE") ?? absence(context, identifier);
      if (status !== null) return status;
      draft.set("pin", identifier, type, value);
    }
    return "SUCCESS";
  },

  PINCTRL_REQUEST: (context, { identifier, flags }) => refuseOwning(context, identifier, flags) ?? "SUCCESS",

  PINCTRL_RELEASE: (context, { identifier, flags }) => refuseOwning(context, identifier, flags) ?? "SUCCESS",
};

/** Groups are known of, and cannot be used; other selectors there are not. */
function refuseSelector(selector: number): ScmiStatus | null {
  if (selector === PIN_SELECTORS.PIN) return null;
  return selector === PIN_SELECTORS.GROUP ? "NOT_SUPPORTED" : "INVALID_PARAMETERS";
}

/** What REQUEST and RELEASE refuse; they give and take nothing. */
function refuseOwning(context: Context, identifier: number, flags: number): ScmiStatus | null {
  if (readBits(flags, PINCTRL_REQUEST.a2p.flags.bits.selector) !== PIN_SELECTORS.PIN)
    return "INVALID_PARAMETERS";
  return refusal(context, "pin", identifier, "EXCLUSIVE") ?? absence(context, identifier);
}

function absence(context: Context, identifier: number): ScmiStatus | null {
  return isAbsent(context, "pin", identifier) ? "NOT_FOUND" : null;
}

function configOf({ draft }: Context, pin: number, type: number): { type: number; value: number } {
  return { type, value: draft.get("pin", pin, type) ?? 0 };
}
