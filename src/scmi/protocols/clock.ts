import { bit, bits, from, i32, inUnit, list, name16, u32, u64, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { agentId, COMMON, extendedName, notifyEnable } from "./common.ts";

/** What CLOCK_CONFIG_SET can ask of a clock. */
export const CLOCK_STATES = { DISABLE: 0, ENABLE: 1, UNCHANGED: 3 } as const;

/** Types of extended configuration; 0x80 to 0xff are the vendor's own. */
export const EXTENDED_CONFIGS = { NONE: 0, DUTY_CYCLE: 1, PHASE: 2 } as const;

const rate = inUnit("Hz", u64);

/**
 * Clock management protocol.
 *
 * @see Arm DEN0056, "Clock management protocol"
 */
export const CLOCK = protocol({
  name: "clock",
  protocolId: 0x14,
  version: 0x3_0000,
  doc: "Rates, parents and enables of clocks.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "1.0",
      doc: "How many clocks there are, and how many rate changes may be under way at a time.",
      a2p: {},
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            maxPendingTransactions: bits(23, 16, "asynchronous rate changes at a time"),
            clocks: bits(15, 0, "number of clocks"),
          },
        }),
      },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    CLOCK_ATTRIBUTES: {
      id: 0x3,
      since: "1.0",
      doc: "Whether a clock runs, what it can do, and its name.",
      a2p: { clockId: u32 },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            rateChangedNotifications: bit(31, "tells of rate changes"),
            rateChangeRequestedNotifications: bit(30, "tells of requested rate changes"),
            extendedName: bit(29, "CLOCK_NAME_GET has a longer name"),
            parents: bit(28, "has the commands about parents"),
            extendedConfig: bit(27, "has extended configurations"),
            restricted: bit(1, "CLOCK_GET_PERMISSIONS tells what the caller may do"),
            enabled: bit(0, "it runs"),
          },
        }),
        name: name16,
        clockEnableDelay: from(0x2_0000, word({ unit: "µs" })),
      },
    },
    CLOCK_DESCRIBE_RATES: {
      id: 0x4,
      since: "1.0",
      doc: "The rates that a clock can have, from number `rateIndex` on; or lowest, highest and step.",
      a2p: { clockId: u32, rateIndex: u32 },
      p2a: {
        status: i32,
        numRatesFlags: word({
          bits: {
            remaining: bits(31, 16, "rates after these"),
            triplet: bit(12, "the rates are lowest, highest and step"),
            returned: bits(11, 0, "rates in this message"),
          },
        }),
        rates: { ...list(u64), unit: "Hz" },
      },
      iteration: {
        index: "rateIndex",
        returned: "numRatesFlags.returned",
        remaining: "numRatesFlags.remaining",
        list: "rates",
      },
    },
    CLOCK_RATE_SET: {
      id: 0x5,
      since: "1.0",
      doc: "Sets the rate of a clock.",
      a2p: {
        flags: word({
          bits: {
            async: bit(0, "answer before it is done"),
            noDelayedResponse: bit(1, "send no delayed response"),
            rounding: bits(3, 2, "of a rate that the clock cannot have", { DOWN: 0, UP: 1, PLATFORM: 2 }),
          },
        }),
        clockId: u32,
        rate,
      },
      p2a: { status: i32 },
    },
    CLOCK_RATE_GET: {
      id: 0x6,
      since: "1.0",
      doc: "The rate of a clock.",
      a2p: { clockId: u32 },
      p2a: { status: i32, rate },
    },
    CLOCK_CONFIG_SET: {
      id: 0x7,
      since: "1.0",
      doc: "Starts or stops a clock, or sets one of its extended configurations.",
      a2p: {
        clockId: u32,
        attributes: word({
          bits: {
            extendedConfigType: bits(23, 16, "configuration to set", EXTENDED_CONFIGS),
            state: bits(1, 0, "what the clock shall do", CLOCK_STATES),
          },
        }),
        extendedConfigVal: from(0x3_0000, u32),
      },
      p2a: { status: i32 },
    },
    CLOCK_NAME_GET: {
      id: 0x8,
      since: "3.1",
      doc: "The long name of a clock.",
      a2p: { clockId: u32 },
      p2a: extendedName,
    },
    CLOCK_RATE_NOTIFY: {
      id: 0x9,
      since: "3.1",
      doc: "Asks for notifications of a clock's rate changes.",
      a2p: { clockId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    CLOCK_RATE_CHANGE_REQUESTED_NOTIFY: {
      id: 0xa,
      since: "3.1",
      doc: "Asks for notifications of requests to change a clock's rate.",
      a2p: { clockId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    CLOCK_CONFIG_GET: {
      id: 0xb,
      since: "3.2",
      doc: "Whether a clock runs, and one of its extended configurations.",
      a2p: {
        clockId: u32,
        flags: word({
          bits: {
            extendedConfigType: bits(7, 0, "configuration to read", EXTENDED_CONFIGS),
          },
        }),
      },
      p2a: {
        status: i32,
        attributes: word({ bits: {} }),
        config: word({ bits: { enabled: bit(0, "it runs") } }),
        extendedConfigVal: u32,
      },
    },
    CLOCK_POSSIBLE_PARENTS_GET: {
      id: 0xc,
      since: "3.2",
      doc: "The clocks that a clock can be fed from, from number `skipParents` on.",
      a2p: { clockId: u32, skipParents: u32 },
      p2a: {
        status: i32,
        numParentsFlags: word({
          bits: {
            remaining: bits(31, 24, "parents after these"),
            returned: bits(7, 0, "parents in this message"),
          },
        }),
        parents: list(u32),
      },
      iteration: {
        index: "skipParents",
        returned: "numParentsFlags.returned",
        remaining: "numParentsFlags.remaining",
        list: "parents",
      },
    },
    CLOCK_PARENT_SET: {
      id: 0xd,
      since: "3.2",
      doc: "Feeds a clock from a parent.",
      a2p: { clockId: u32, parentId: u32 },
      p2a: { status: i32 },
    },
    CLOCK_PARENT_GET: {
      id: 0xe,
      since: "3.2",
      doc: "The clock that a clock is fed from.",
      a2p: { clockId: u32 },
      p2a: { status: i32, parentId: u32 },
    },
    CLOCK_GET_PERMISSIONS: {
      id: 0xf,
      since: "3.2",
      doc: "What the caller may do with a clock.",
      a2p: { clockId: u32 },
      p2a: {
        status: i32,
        permissions: word({
          bits: {
            stateControl: bit(31, "start and stop it"),
            parentControl: bit(30, "choose its parent"),
            rateControl: bit(29, "set its rate"),
          },
        }),
      },
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    CLOCK_RATE_SET_COMPLETE: {
      kind: "delayed",
      id: 0x5,
      since: "1.0",
      doc: "An asynchronous CLOCK_RATE_SET is done.",
      p2a: { status: i32, clockId: u32, rate },
    },
    CLOCK_RATE_CHANGED: {
      kind: "notification",
      id: 0x0,
      since: "3.1",
      doc: "A clock's rate has changed.",
      p2a: { agentId, clockId: u32, rate },
    },
    CLOCK_RATE_CHANGE_REQUESTED: {
      kind: "notification",
      id: 0x1,
      since: "3.1",
      doc: "A change of a clock's rate was asked for.",
      p2a: { agentId, clockId: u32, rate },
    },
  },
});
