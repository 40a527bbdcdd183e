import { bit, bits, i32, name64, u32, word } from "../fields.ts";

/** A protocol version word. */
const version = word({
  bits: { major: bits(31, 16, "major version"), minor: bits(15, 0, "minor version") },
});

/** Who asks for notifications: the same word in every `*_NOTIFY`. */
export const notifyEnable = word({ bits: { enable: bit(0, "send notifications") } });

/** Whose command a notification tells of. */
export const agentId = word({ doc: "whose command it was; 0: the platform's own doing" });

/** What `*_NAME_GET` answers in every protocol. */
export const extendedName = { status: i32, flags: word({ bits: {} }), name: name64 };

/**
 * The commands with one form in all protocols. PROTOCOL_ATTRIBUTES (0x1) is common too, but its words differ.
 *
 * @see Arm DEN0056, "Base protocol", and the first commands of every other protocol
 */
export const COMMON = {
  PROTOCOL_VERSION: {
    id: 0x0,
    since: "1.0",
    doc: "The version of the protocol that the platform speaks.",
    a2p: {},
    p2a: { status: i32, version },
  },
  PROTOCOL_MESSAGE_ATTRIBUTES: {
    id: 0x2,
    since: "1.0",
    doc: "Whether a message of the protocol is implemented: NOT_FOUND where it is not.",
    a2p: { messageId: u32 },
    p2a: { status: i32, attributes: u32 },
  },
  NEGOTIATE_PROTOCOL_VERSION: {
    id: 0x10,
    since: "3.2",
    doc: "Asks the platform to speak a version of the protocol.",
    a2p: { version },
    p2a: { status: i32 },
  },
} as const;
