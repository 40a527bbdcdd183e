import { bit, from, i32, u32, word } from "../fields.ts";
import { protocol } from "../protocol.ts";
import { COMMON, notifyEnable } from "./common.ts";

/** States of the system, as system_state words. From 0x80000000 on they are the vendor's own. */
export const SYSTEM_STATES = { SHUTDOWN: 0, COLD_RESET: 1, WARM_RESET: 2, POWER_UP: 3, SUSPEND: 4 } as const;

const systemState = word({ values: SYSTEM_STATES, doc: "from 0x80000000 on: of the vendor's own" });
const flags = word({ bits: { graceful: bit(0, "a request to get ready, not an order") } });

/**
 * System power management protocol.
 *
 * @see Arm DEN0056, "System power management protocol"
 */
export const SYSTEM_POWER = protocol({
  name: "system",
  protocolId: 0x12,
  version: 0x2_0001,
  doc: "Shutting down, resetting and suspending the whole system.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "1.0",
      doc: "Nothing yet.",
      a2p: {},
      p2a: { status: i32, attributes: word({ bits: {} }) },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: {
      ...COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
      doc: "Whether a message is implemented, and of SYSTEM_POWER_STATE_SET what it can do.",
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            warmReset: bit(31, "of SYSTEM_POWER_STATE_SET: can do a warm reset"),
            suspend: bit(30, "of SYSTEM_POWER_STATE_SET: can suspend"),
          },
        }),
      },
    },
    SYSTEM_POWER_STATE_SET: {
      id: 0x3,
      since: "1.0",
      doc: "Brings the system to a state, or asks the other agents to get ready for it.",
      a2p: { flags, systemState },
      p2a: { status: i32 },
    },
    SYSTEM_POWER_STATE_GET: {
      id: 0x4,
      since: "1.0",
      doc: "The state of the system, for an agent that does not see all of it.",
      a2p: {},
      p2a: { status: i32, systemState },
    },
    SYSTEM_POWER_STATE_NOTIFY: {
      id: 0x5,
      since: "1.0",
      doc: "Asks for notifications of requests to change the system's state.",
      a2p: { notifyEnable },
      p2a: { status: i32 },
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    SYSTEM_POWER_STATE_NOTIFIER: {
      kind: "notification",
      id: 0x0,
      since: "1.0",
      doc: "An agent asked to change the system's state.",
      p2a: {
        agentId: u32,
        flags,
        systemState,
        timeout: from(0x2_0000, word({ unit: "ms", doc: "left to get ready, for a graceful request" })),
      },
    },
  },
});
