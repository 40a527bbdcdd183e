import { bit, bits, from, i32, list, name16, record, u32, u64, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { COMMON, extendedName, notifyEnable } from "./common.ts";

/** Widths of a doorbell register. */
export const DOORBELL_WIDTHS = { BITS_8: 0, BITS_16: 1, BITS_32: 2, BITS_64: 3 } as const;

const level = word({ doc: "its value, or its index where the domain's levels go by index" });
const rangeMax = word({ doc: "highest level; from 4.0 on 0 leaves it as it is" });
const rangeMin = word({ doc: "lowest level; from 4.0 on 0 leaves it as it is" });
const rateLimit = word({
  unit: "µs",
  bits: { rateLimit: bits(19, 0, "shortest time between two requests, 0: none") },
});

/**
 * Performance domain management protocol.
 *
 * @see Arm DEN0056, "Performance domain management protocol"
 */
export const PERFORMANCE = protocol({
  name: "performance",
  protocolId: 0x13,
  version: 0x4_0000,
  doc: "Performance levels of domains, and the limits in which they may move.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "1.0",
      doc: "How many performance domains there are, the unit of power, and where statistics lie.",
      a2p: {},
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            powerUnit: bits(17, 16, "unit of power costs", { ABSTRACT: 0, MILLIWATT: 1, MICROWATT: 2 }),
            domains: bits(15, 0, "number of performance domains"),
          },
        }),
        statisticsAddress: u64,
        statisticsLen: word({ unit: "bytes", doc: "0: there are none" }),
      },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: {
      ...COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
      doc: "Whether a message is implemented, and whether any domain has a fast channel for it.",
      p2a: {
        status: i32,
        attributes: word({ bits: { fastChannel: bit(0, "some domain has a fast channel for it") } }),
      },
    },
    PERFORMANCE_DOMAIN_ATTRIBUTES: {
      id: 0x3,
      since: "1.0",
      doc: "What a domain can do, what the caller may do with it, and its name.",
      a2p: { domainId: u32 },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            canSetLimits: bit(31, "the caller may set its limits"),
            canSetLevel: bit(30, "the caller may set its level"),
            limitsNotifications: bit(29, "tells of changes of its limits"),
            levelNotifications: bit(28, "tells of changes of its level"),
            fastChannels: bit(27, "has fast channels"),
            extendedName: bit(26, "PERFORMANCE_DOMAIN_NAME_GET has a longer name"),
            levelIndexing: bit(25, "messages name levels by their index"),
          },
        }),
        rateLimit,
        sustainedFreq: word({ unit: "kHz", doc: "highest that can be kept up" }),
        sustainedPerfLevel: word({ doc: "the level that goes with it" }),
        name: name16,
      },
    },
    PERFORMANCE_DESCRIBE_LEVELS: {
      id: 0x4,
      since: "1.0",
      doc: "The levels of a domain, ascending, from number `levelIndex` on.",
      a2p: { domainId: u32, levelIndex: u32 },
      p2a: {
        status: i32,
        numLevels: word({
          bits: {
            remaining: bits(31, 16, "levels after these"),
            returned: bits(11, 0, "levels in this message"),
          },
        }),
        levels: list(
          record({
            level: u32,
            powerCost: word({ doc: "0: unknown" }),
            attributes: word({ bits: { latencyUs: bits(15, 0, "longest time to come to it, in µs") } }),
            indicativeFrequency: from(0x4_0000, word({ unit: "kHz" })),
            levelIndex: from(0x4_0000, u32),
          }),
        ),
      },
      iteration: {
        index: "levelIndex",
        returned: "numLevels.returned",
        remaining: "numLevels.remaining",
        list: "levels",
      },
    },
    PERFORMANCE_LIMITS_SET: {
      id: 0x5,
      since: "1.0",
      doc: "Sets the limits in which a domain's level may move.",
      a2p: { domainId: u32, rangeMax, rangeMin },
      p2a: { status: i32 },
    },
    PERFORMANCE_LIMITS_GET: {
      id: 0x6,
      since: "1.0",
      doc: "The limits in which a domain's level may move.",
      a2p: { domainId: u32 },
      p2a: {
        status: i32,
        rangeMax: word({ doc: "highest level" }),
        rangeMin: word({ doc: "lowest level" }),
      },
    },
    PERFORMANCE_LEVEL_SET: {
      id: 0x7,
      since: "1.0",
      doc: "Sets the level of a domain.",
      a2p: { domainId: u32, performanceLevel: level },
      p2a: { status: i32 },
    },
    PERFORMANCE_LEVEL_GET: {
      id: 0x8,
      since: "1.0",
      doc: "The level of a domain.",
      a2p: { domainId: u32 },
      p2a: { status: i32, performanceLevel: level },
    },
    PERFORMANCE_NOTIFY_LIMITS: {
      id: 0x9,
      since: "1.0",
      doc: "Asks for notifications of changes of a domain's limits.",
      a2p: { domainId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    PERFORMANCE_NOTIFY_LEVEL: {
      id: 0xa,
      since: "1.0",
      doc: "Asks for notifications of changes of a domain's level.",
      a2p: { domainId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    PERFORMANCE_DESCRIBE_FASTCHANNEL: {
      id: 0xb,
      since: "2.0",
      from: 0x2_0000,
      doc: "Where the fast channel of a domain for one command lies, and how its doorbell is rung.",
      a2p: {
        domainId: u32,
        messageId: word({
          values: {
            PERFORMANCE_LIMITS_SET: 0x5,
            PERFORMANCE_LIMITS_GET: 0x6,
            PERFORMANCE_LEVEL_SET: 0x7,
            PERFORMANCE_LEVEL_GET: 0x8,
          },
        }),
      },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            doorbell: bit(0, "has a doorbell"),
            doorbellWidth: bits(2, 1, "width of its register", DOORBELL_WIDTHS),
          },
        }),
        rateLimit,
        channelAddress: u64,
        channelSize: word({ unit: "bytes", doc: "4 for a level, 8 for limits" }),
        doorbellAddress: u64,
        doorbellSetMask: u64,
        doorbellPreserveMask: u64,
      },
    },
    PERFORMANCE_DOMAIN_NAME_GET: {
      id: 0xc,
      since: "3.1",
      from: 0x3_0000,
      doc: "The long name of a domain.",
      a2p: { domainId: u32 },
      p2a: extendedName,
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    PERFORMANCE_LIMITS_CHANGED: {
      kind: "notification",
      id: 0x0,
      since: "1.0",
      doc: "An agent changed the limits of a domain.",
      p2a: {
        agentId: u32,
        domainId: u32,
        rangeMax: word({ doc: "highest level" }),
        rangeMin: word({ doc: "lowest level" }),
      },
    },
    PERFORMANCE_LEVEL_CHANGED: {
      kind: "notification",
      id: 0x1,
      since: "1.0",
      doc: "The level of a domain changed.",
      p2a: { agentId: u32, domainId: u32, performanceLevel: level },
    },
  },
});
