/** Types of messages: a command and its immediate response, and what the firmware sends by itself. */
export const MESSAGE_TYPE = { COMMAND: 0, DELAYED_RESPONSE: 2, NOTIFICATION: 3 } as const;

/** The fields of an SCMI message header word. */
export interface MessageHeader {
  readonly messageId: number;
  /** One of {@link MESSAGE_TYPE}, or the reserved 1. */
  readonly messageType: number;
  readonly protocolId: number;
  /** 10-bit sequence number chosen by the agent. */
  readonly token: number;
}

/**
 * Packs a header word: message id [7:0], type [9:8], protocol [17:10], token [27:18].
 *
 * @see Arm DEN0056, "Message header"
 */
export function packHeader(protocolId: number, messageId: number, token = 0, messageType = 0): number {
  return (
    ((messageId & 0xff) |
      ((messageType & 3) << 8) |
      ((protocolId & 0xff) << 10) |
      ((token & 0x3ff) << 18)) >>>
    0
  );
}

/** Takes a header word apart. Reserved bits [31:28] are dropped. */
export function unpackHeader(word: number): MessageHeader {
  return {
    messageId: word & 0xff,
    messageType: (word >>> 8) & 3,
    protocolId: (word >>> 10) & 0xff,
    token: (word >>> 18) & 0x3ff,
  };
}
