import { bit, bits, i32, list, name16, name64, record, u16, u32, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { COMMON } from "./common.ts";

/** What an identifier names. */
export const PIN_SELECTORS = { PIN: 0, GROUP: 1, FUNCTION: 2 } as const;

/** What can be set of a pin; 192 to 255 are the vendor's own. */
export const PIN_CONFIG_TYPES = {
  DEFAULT: 0,
  BIAS_BUS_HOLD: 1,
  BIAS_DISABLE: 2,
  BIAS_HIGH_IMPEDANCE: 3,
  BIAS_PULL_UP: 4,
  BIAS_PULL_DEFAULT: 5,
  BIAS_PULL_DOWN: 6,
  DRIVE_OPEN_DRAIN: 7,
  DRIVE_OPEN_SOURCE: 8,
  DRIVE_PUSH_PULL: 9,
  DRIVE_STRENGTH: 10,
  INPUT_DEBOUNCE: 11,
  INPUT_MODE: 12,
  PULL_MODE: 13,
  INPUT_VALUE: 14,
  INPUT_SCHMITT: 15,
  LOW_POWER_MODE: 16,
  OUTPUT_MODE: 17,
  OUTPUT_VALUE: 18,
  POWER_SOURCE: 19,
  SLEW_RATE: 20,
} as const;

/** The function id of a pin that has none. */
export const NO_FUNCTION = 0xffff_ffff;

/** Which configs PINCTRL_SETTINGS_GET asks for. */
export const SETTINGS_ASKED = { ONE: 0, ALL: 1, FUNCTION: 2 } as const;

const functionId = word({ values: { NONE: NO_FUNCTION } });
const pinOrGroup = (high: number) => bits(high, high - 1, "what the identifier names", PIN_SELECTORS);
const selector = word({ bits: { selector: pinOrGroup(1) } });
const configs = list(record({ type: word({ values: PIN_CONFIG_TYPES }), value: u32 }));

/**
 * Pin control protocol: functions and electrical settings of pins and groups of pins.
 *
 * @see Arm DEN0056, "Pin control protocol"
 */
export const PIN_CONTROL = protocol({
  name: "pinctrl",
  protocolId: 0x19,
  version: 0x1_0000,
  doc: "Functions and settings of pins, and who has them.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "3.2",
      doc: "How many pins, groups and functions there are.",
      a2p: {},
      p2a: {
        status: i32,
        attributesLow: word({
          bits: { groups: bits(31, 16, "number of groups"), pins: bits(15, 0, "number of pins") },
        }),
        attributesHigh: word({ bits: { functions: bits(15, 0, "number of functions") } }),
      },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    PINCTRL_ATTRIBUTES: {
      id: 0x3,
      since: "3.2",
      doc: "How many pins or groups there are in a pin, group or function, and its name.",
      a2p: { identifier: u32, flags: selector },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            extendedName: bit(31, "PINCTRL_NAME_GET has a longer name"),
            gpio: bit(17, "a function: it supports GPIO"),
            pinOnly: bit(16, "a function: it is for pins, not for groups"),
            elements: bits(15, 0, "a pin: 1; a group: its pins; a function: its groups or pins"),
          },
        }),
        name: name16,
      },
    },
    PINCTRL_LIST_ASSOCIATIONS: {
      id: 0x4,
      since: "3.2",
      doc: "The pins of a group, or the groups or pins of a function, from number `index` on.",
      a2p: { identifier: u32, flags: selector, index: u32 },
      p2a: {
        status: i32,
        flags: word({
          bits: {
            remaining: bits(31, 16, "identifiers after these"),
            returned: bits(11, 0, "identifiers in this message"),
          },
        }),
        associations: list(u16),
      },
      iteration: {
        index: "index",
        returned: "flags.returned",
        remaining: "flags.remaining",
        list: "associations",
      },
    },
    PINCTRL_SETTINGS_GET: {
      id: 0x5,
      since: "3.2",
      doc: "The function of a pin or group, and its configs: one, or all from number `skip` on.",
      a2p: {
        identifier: u32,
        attributes: word({
          bits: {
            asked: bits(19, 18, "what is asked for", SETTINGS_ASKED),
            selector: pinOrGroup(17),
            skip: bits(15, 8, "of all configs, how many not to tell"),
            type: bits(7, 0, "of one config, which", PIN_CONFIG_TYPES),
          },
        }),
      },
      p2a: {
        status: i32,
        functionSelected: functionId,
        numConfigs: word({
          bits: {
            remaining: bits(31, 24, "configs after these"),
            returned: bits(7, 0, "configs in this message"),
          },
        }),
        configs,
      },
      iteration: {
        index: "attributes.skip",
        returned: "numConfigs.returned",
        remaining: "numConfigs.remaining",
        list: "configs",
      },
    },
    PINCTRL_SETTINGS_CONFIGURE: {
      id: 0x6,
      since: "3.2",
      doc: "Sets the function of a pin or group, or its configs, or both.",
      a2p: {
        identifier: u32,
        functionId,
        attributes: word({
          bits: {
            setFunction: bit(10, "set the function"),
            numConfigs: bits(9, 2, "number of configs"),
            selector: pinOrGroup(1),
          },
        }),
        configs,
      },
      p2a: { status: i32 },
    },
    PINCTRL_REQUEST: {
      id: 0x7,
      since: "3.2",
      doc: "Takes a pin or group for the caller alone.",
      a2p: { identifier: u32, flags: selector },
      p2a: { status: i32 },
    },
    PINCTRL_RELEASE: {
      id: 0x8,
      since: "3.2",
      doc: "Gives a pin or group back.",
      a2p: { identifier: u32, flags: selector },
      p2a: { status: i32 },
    },
    PINCTRL_NAME_GET: {
      id: 0x9,
      since: "3.2",
      doc: "The long name of a pin, group or function.",
      a2p: { identifier: u32, flags: selector },
      p2a: { status: i32, flags: word({ bits: {} }), name: name64 },
    },
    PINCTRL_SET_PERMISSIONS: {
      id: 0xa,
      since: "3.2",
      doc: "Allows or denies an agent a pin or group.",
      a2p: { agentId: u32, identifier: u32, flags: u32 },
      p2a: { status: i32 },
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
});
