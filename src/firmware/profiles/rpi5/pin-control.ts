import type { PinConfig } from "#config/board/board.ts";
import { composeWord, readBits } from "#scmi/fields.ts";
import { PIN_CONFIG_TYPES, PIN_CONTROL, PIN_SELECTORS, SETTINGS_ASKED } from "#scmi/protocols/pin-control.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import type { Draft } from "../../draft.ts";
import { denial } from "../../protocols/common.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { listPage } from "../../resources/list-page.ts";
import { findPinThing } from "../../resources/pins.ts";
import type { Context, Handlers } from "../../server-types.ts";

const { PINCTRL_ATTRIBUTES, PINCTRL_LIST_ASSOCIATIONS, PINCTRL_SETTINGS_GET, PINCTRL_SETTINGS_CONFIGURE } =
  PIN_CONTROL.commands;

/**
 * Raspberry Pi 5's pin control: most of what is wrong is a PROTOCOL_ERROR, nobody owns a pin, and what cannot be done is done in
 * part. Of a pin there is what its register holds: the multiplexer's raw value (the cell `function`), and one of three biases.
 *
 * @see scmi-reference.md 4.10, Appendix A.3
 */
export const pinControl: Handlers<(typeof PIN_CONTROL)["commands"]> = {
  PINCTRL_ATTRIBUTES: ({ board }, { identifier, flags }) => {
    const thing = findPinThing(board, flags, identifier);
    if (thing === null) return "PROTOCOL_ERROR";
    const attributes = composeWord(PINCTRL_ATTRIBUTES.p2a.attributes, {
      // A name of 16 characters is cut to 15 all the same.
      extendedName: thing.name.length > 16,
      elements: thing.members.length,
    });
    return { attributes, name: thing.name };
  },

  PINCTRL_LIST_ASSOCIATIONS: (context, { identifier, flags, index }) => {
    if (flags !== PIN_SELECTORS.GROUP && flags !== PIN_SELECTORS.FUNCTION) return "PROTOCOL_ERROR";
    const thing = findPinThing(context.board, flags, identifier);
    if (thing === null) return "GENERIC_ERROR";
    const page = listPage(context, PINCTRL_LIST_ASSOCIATIONS, thing.members, index);
    // Of an index beyond the end, the rest is negative, and sent in 16 bits.
    const remaining = index > thing.members.length ? thing.members.length - index : page.remaining;
    const word = composeWord(PINCTRL_LIST_ASSOCIATIONS.p2a.flags, { returned: page.returned, remaining });
    return { flags: word, associations: page.items };
  },

  PINCTRL_SETTINGS_GET: ({ board, draft }, { identifier, attributes }) => {
    const parts = PINCTRL_SETTINGS_GET.a2p.attributes.bits;
    const selector = readBits(attributes, parts.selector);
    if (selector > PIN_SELECTORS.GROUP) return "PROTOCOL_ERROR";
    const asked = readBits(attributes, parts.asked);
    if (asked > SETTINGS_ASKED.FUNCTION) return "PROTOCOL_ERROR";
    if (asked === SETTINGS_ASKED.ALL || readBits(attributes, parts.skip) !== 0) return "NOT_SUPPORTED";
    const pin = pinsOf(board, selector, identifier)[0];
    if (pin === undefined) return "GENERIC_ERROR";
    const functionSelected = readFunction(draft, pin);
    if (asked === SETTINGS_ASKED.FUNCTION) return { functionSelected, numConfigs: 0, configs: [] };
    const type = readBits(attributes, parts.type);
    if (!isMapped(type)) return unmapped(board);
    if (!BIASES.includes(type)) return "NOT_SUPPORTED";
    const value = biasOf(draft, pin) === type ? 1 : 0;
    return { functionSelected, numConfigs: 1, configs: [{ type, value }] };
  },

  PINCTRL_SETTINGS_CONFIGURE: (context, { identifier, functionId, attributes, configs }) => {
    const { board, draft } = context;
    const parts = PINCTRL_SETTINGS_CONFIGURE.a2p.attributes.bits;
    const selector = readBits(attributes, parts.selector);
    const pins = selector > PIN_SELECTORS.GROUP ? [] : pinsOf(board, selector, identifier);
    if (pins.length === 0) return "PROTOCOL_ERROR";
    const denied = denial(context, "pinctrl", identifier);
    if (denied !== null) return denied;
    if (readBits(attributes, parts.setFunction) === 1) {
      if (functionId >= board.pinFunctions.count) return "PROTOCOL_ERROR";
      for (const pin of pins) writeFunction(draft, pin, functionId);
    }
    // As many as told, whatever came: behind the payload lie zeros.
    const count = readBits(attributes, parts.numConfigs);
    for (let i = 0; i < count; i += 1) {
      const type = configs[i]?.type ?? 0;
      if (!isMapped(type)) return unmapped(board);
      if (!BIASES.includes(type)) return "GENERIC_ERROR";
      for (const pin of pins) writeBias(draft, pin, type);
    }
    return "SUCCESS";
  },

  PINCTRL_REQUEST: (context, { identifier, flags }) => mayHave(context, identifier, flags),

  PINCTRL_RELEASE: (context, { identifier, flags }) => mayHave(context, identifier, flags),

  PINCTRL_NAME_GET: ({ board }, { identifier, flags }) => {
    const thing = findPinThing(board, flags, identifier);
    return thing === null ? "PROTOCOL_ERROR" : { flags: 0, name: thing.name };
  },

  PINCTRL_SET_PERMISSIONS: () => "NOT_SUPPORTED",
};

const { BIAS_DISABLE, BIAS_PULL_UP, BIAS_PULL_DOWN, PULL_MODE, INPUT_VALUE, SLEW_RATE } = PIN_CONFIG_TYPES;

/** Types that the driver obeys. At power-on nothing pulls. */
const BIASES: readonly number[] = [BIAS_DISABLE, BIAS_PULL_UP, BIAS_PULL_DOWN];

/** Types that the server knows a driver's type for. */
function isMapped(type: number): boolean {
  return type > 0 && type <= SLEW_RATE && type !== PULL_MODE && type !== INPUT_VALUE;
}

/** What comes of a type without one: a status with its sign lost. */
function unmapped({ switches }: BoardIndex): number {
  return switches.pinctrlPlus2Bug ? -SCMI_STATUS.INVALID_PARAMETERS : SCMI_STATUS.INVALID_PARAMETERS;
}

function pinsOf(board: BoardIndex, selector: number, id: number): readonly PinConfig[] {
  const ids = findPinThing(board, selector, id)?.members ?? [];
  return ids.flatMap((pin) => board.resources.pinctrl.byId.get(pin) ?? []);
}

/** REQUEST and RELEASE do nothing: they are only allowed or not. A group's permission is that of the pin with its id. */
function mayHave(context: Context, id: number, flags: number) {
  const { selector } = PIN_CONTROL.commands.PINCTRL_REQUEST.a2p.flags.bits;
  if (readBits(flags, selector) > PIN_SELECTORS.GROUP) return "INVALID_PARAMETERS";
  return denial(context, "pinctrl", id) ?? "SUCCESS";
}

/** Function ids up to this one are the multiplexer's raw values. */
const RAW_MAX = 8;

/** Sets the multiplexer of a pin. To a function that the pin has not it stays as it is, and nobody is told. */
function writeFunction(draft: Draft, { id, alternates }: PinConfig, functionId: number): void {
  const raw = functionId <= RAW_MAX ? functionId : alternates.indexOf(functionId) + 1;
  if (raw > 0 || functionId === 0) draft.set("pin", id, "function", raw);
}

/** The function as it is read back: the list of alternates is taken one too far. Pins without a list have function 0. */
function readFunction(draft: Draft, { id, alternates, function: atPowerOn }: PinConfig): number {
  if (alternates.length === 0) return 0;
  const raw = draft.get("pin", id, "function") ?? atPowerOn ?? 0;
  return alternates[raw] ?? raw;
}

function biasOf(draft: Draft, { id }: PinConfig): number {
  return BIASES.find((type) => draft.get("pin", id, type) === 1) ?? BIAS_DISABLE;
}

function writeBias(draft: Draft, { id }: PinConfig, bias: number): void {
  for (const type of BIASES) draft.set("pin", id, type, type === bias ? 1 : undefined);
}
