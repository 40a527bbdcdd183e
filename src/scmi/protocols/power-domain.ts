import { bit, bits, i32, name16, u32, u64, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { agentId, COMMON, extendedName, notifyEnable } from "./common.ts";

/** The power states that every domain has, as power_state words. */
export const POWER_STATES = { ON: 0x0000_0000, OFF: 0x4000_0000 } as const;

const powerState = word({
  values: POWER_STATES,
  bits: {
    contextLost: bit(30, "the domain loses its context"),
    stateId: bits(27, 0, "state, of the platform's own"),
  },
});

/**
 * Power domain management protocol.
 *
 * @see Arm DEN0056, "Power domain management protocol"
 */
export const POWER_DOMAIN = protocol({
  name: "power",
  protocolId: 0x11,
  version: 0x3_0001,
  doc: "Switching power domains on and off.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "1.0",
      doc: "How many power domains there are, and where their statistics lie.",
      a2p: {},
      p2a: {
        status: i32,
        attributes: word({ bits: { domains: bits(15, 0, "number of power domains") } }),
        statisticsAddress: u64,
        statisticsLen: word({ unit: "bytes", doc: "0: there are none" }),
      },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    POWER_DOMAIN_ATTRIBUTES: {
      id: 0x3,
      since: "1.0",
      doc: "What a domain can do, and its name.",
      a2p: { domainId: u32 },
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            stateChangeNotifications: bit(31, "tells of state changes"),
            asyncSet: bit(30, "can be set asynchronously"),
            syncSet: bit(29, "can be set synchronously"),
            changeRequestedNotifications: bit(28, "tells of requested state changes"),
            extendedName: bit(27, "POWER_DOMAIN_NAME_GET has a longer name"),
          },
        }),
        name: name16,
      },
    },
    POWER_STATE_SET: {
      id: 0x4,
      since: "1.0",
      doc: "Sets the power state of a domain.",
      a2p: {
        flags: word({ bits: { async: bit(0, "answer before it is done") } }),
        domainId: u32,
        powerState,
      },
      p2a: { status: i32 },
    },
    POWER_STATE_GET: {
      id: 0x5,
      since: "1.0",
      doc: "The power state of a domain.",
      a2p: { domainId: u32 },
      p2a: { status: i32, powerState },
    },
    POWER_STATE_NOTIFY: {
      id: 0x6,
      since: "1.0",
      doc: "Asks for notifications of a domain's state changes.",
      a2p: { domainId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    POWER_STATE_CHANGE_REQUESTED_NOTIFY: {
      id: 0x7,
      since: "2.0",
      doc: "Asks for notifications of requests to change a domain's state.",
      a2p: { domainId: u32, notifyEnable },
      p2a: { status: i32 },
    },
    POWER_DOMAIN_NAME_GET: {
      id: 0x8,
      since: "3.1",
      doc: "The long name of a domain.",
      a2p: { domainId: u32 },
      p2a: extendedName,
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    POWER_STATE_CHANGED: {
      kind: "notification",
      id: 0x0,
      since: "1.0",
      doc: "A domain's power state has changed.",
      p2a: { agentId, domainId: u32, powerState },
    },
    POWER_STATE_CHANGE_REQUESTED: {
      kind: "notification",
      id: 0x1,
      since: "2.0",
      doc: "A change of a domain's power state was asked for.",
      p2a: { agentId, domainId: u32, powerState },
    },
  },
});
