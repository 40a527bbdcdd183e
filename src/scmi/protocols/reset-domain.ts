import { bit, bits, i32, name16, u32, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { agentId, COMMON, extendedName, notifyEnable } from "./common.ts";

const resetState = word({
  bits: {
    implementationDefined: bit(31, "0: an architectural state"),
    stateId: bits(30, 0, "state; 0 is the architectural cold reset"),
  },
});

/**
 * Reset domain management protocol.
 *
 * @see Arm DEN0056, "Reset domain management protocol"
 */
export const RESET_DOMAIN = protocol({
  name: "reset",
  protocolId: 0x16,
  version: 0x3_0001,
  doc: "Resetting devices.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "2.0",
      doc: "How many reset domains there are.",
      a2p: {},
      p2a: { status: i32, attributes: word({ bits: { domains: bits(15, 0, "number of reset domains") } }) },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    RESET_DOMAIN_ATTRIBUTES: {
      id: 0x3,
      since: "2.0",
      doc: "What a domain can do, how long a reset takes, and its name.",
      a2p: { domainId: u32 },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            asyncReset: bit(31, "can be reset asynchronously"),
            resetNotifications: bit(30, "tells of resets"),
            extendedName: bit(29, "RESET_DOMAIN_NAME_GET has a longer name"),
          },
        }),
        latency: word({ unit: "µs", values: { UNKNOWN: 0xffff_ffff } }),
        name: name16,
      },
    },
    RESET: {
      id: 0x4,
      since: "2.0",
      doc: "Resets a domain, or asserts or deasserts its reset signal.",
      a2p: {
        domainId: u32,
        flags: word({
          bits: {
            autonomous: bit(0, "assert, then deassert"),
            assert: bit(1, "without autonomous: 1 asserts the signal, 0 deasserts it"),
            async: bit(2, "answer before it is done"),
          },
        }),
        resetState,
      },
      p2a: { status: i32 },
    },
    RESET_NOTIFY: {
      id: 0x5,
      since: "2.0",
      doc: "Asks for notifications of a domain's resets.",
      a2p: { domainId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    RESET_DOMAIN_NAME_GET: {
      id: 0x6,
      since: "3.1",
      doc: "The long name of a domain.",
      a2p: { domainId: u32 },
      p2a: extendedName,
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    RESET_COMPLETE: {
      kind: "delayed",
      id: 0x4,
      since: "2.0",
      doc: "An asynchronous RESET is done.",
      p2a: { status: i32, domainId: u32 },
    },
    RESET_ISSUED: {
      kind: "notification",
      id: 0x0,
      since: "2.0",
      doc: "A domain was reset.",
      p2a: { agentId, domainId: u32, resetState },
    },
  },
});
