import { bit, bits, i32, inUnit, list, name16, u32, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { COMMON, extendedName } from "./common.ts";

/** The modes that every voltage domain has, as config words. */
export const VOLTAGE_MODES = { OFF: 0x0, ON: 0x7 } as const;

const config = word({
  values: VOLTAGE_MODES,
  bits: {
    implementationDefined: bit(3, "0: an architectural mode"),
    modeId: bits(2, 0, "mode"),
  },
});

const level = inUnit("µV", i32);

/**
 * Voltage domain management protocol. Levels are signed: a domain can be below ground.
 *
 * @see Arm DEN0056, "Voltage domain management protocol"
 */
export const VOLTAGE_DOMAIN = protocol({
  name: "voltage",
  protocolId: 0x17,
  version: 0x2_0001,
  doc: "Levels and modes of voltage domains.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "3.0",
      doc: "How many voltage domains there are.",
      a2p: {},
      p2a: { status: i32, attributes: word({ bits: { domains: bits(15, 0, "number of voltage domains") } }) },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    VOLTAGE_DOMAIN_ATTRIBUTES: {
      id: 0x3,
      since: "3.0",
      doc: "What a domain can do, and its name.",
      a2p: { domainId: u32 },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            asyncLevelSet: bit(31, "its level can be set asynchronously"),
            extendedName: bit(30, "VOLTAGE_DOMAIN_NAME_GET has a longer name"),
          },
        }),
        name: name16,
      },
    },
    VOLTAGE_DESCRIBE_LEVELS: {
      id: 0x4,
      since: "3.0",
      doc: "The levels that a domain can have, from number `levelIndex` on; or lowest, highest and step.",
      a2p: { domainId: u32, levelIndex: u32 },
      p2a: {
        status: i32,
        flags: word({
          bits: {
            remaining: bits(31, 16, "levels after these"),
            triplet: bit(12, "the levels are lowest, highest and step"),
            returned: bits(11, 0, "levels in this message"),
          },
        }),
        levels: { ...list(i32), unit: "µV" },
      },
      iteration: {
        index: "levelIndex",
        returned: "flags.returned",
        remaining: "flags.remaining",
        list: "levels",
      },
    },
    VOLTAGE_CONFIG_SET: {
      id: 0x5,
      since: "3.0",
      doc: "Sets the mode of a domain.",
      a2p: { domainId: u32, config },
      p2a: { status: i32 },
    },
    VOLTAGE_CONFIG_GET: {
      id: 0x6,
      since: "3.0",
      doc: "The mode of a domain.",
      a2p: { domainId: u32 },
      p2a: { status: i32, config },
    },
    VOLTAGE_LEVEL_SET: {
      id: 0x7,
      since: "3.0",
      doc: "Sets the level of a domain.",
      a2p: {
        domainId: u32,
        flags: word({ bits: { async: bit(0, "answer before it is done; from version 0x20000 on") } }),
        voltageLevel: level,
      },
      p2a: { status: i32 },
    },
    VOLTAGE_LEVEL_GET: {
      id: 0x8,
      since: "3.0",
      doc: "The level of a domain.",
      a2p: { domainId: u32 },
      p2a: { status: i32, voltageLevel: level },
    },
    VOLTAGE_DOMAIN_NAME_GET: {
      id: 0x9,
      since: "3.1",
      doc: "The long name of a domain.",
      a2p: { domainId: u32 },
      p2a: extendedName,
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    VOLTAGE_LEVEL_SET_COMPLETE: {
      kind: "delayed",
      id: 0x7,
      since: "3.1",
      doc: "An asynchronous VOLTAGE_LEVEL_SET is done.",
      p2a: { status: i32, domainId: u32, voltageLevel: level },
    },
  },
});
