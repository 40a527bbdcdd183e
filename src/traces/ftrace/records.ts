import type { Prefix } from "./prefix.ts";

/** Print formats of the kernel, told apart by what an event's text holds. */
export type FtraceFormat = "A" | "B" | "C" | "E";

/** Where a record was read. */
export interface RecordPlace extends Prefix {
  /** Number of the line, from 1. */
  readonly line: number;
  readonly format: FtraceFormat;
}

/** The message that an event is about. */
export interface MessageKey {
  readonly protocolId: number;
  readonly messageId: number;
  /** Token of the message header. */
  readonly token: number;
}

/** `scmi_xfer_begin`: a command is about to be sent. */
export interface XferBegin extends RecordPlace, MessageKey {
  readonly event: "begin";
  readonly transferId: number;
  readonly poll: boolean;
  /** Commands under way on the channel, where the kernel tells. */
  readonly inflight: number | null;
}

/** `scmi_xfer_response_wait`: it was sent. */
export interface XferWait extends RecordPlace, MessageKey {
  readonly event: "wait";
  readonly transferId: number;
  readonly timeoutMs: number;
  readonly poll: boolean;
}

/** `scmi_xfer_end`: done, or given up. */
export interface XferEnd extends RecordPlace, MessageKey {
  readonly event: "end";
  readonly transferId: number;
  /** Linux's errno, negative, or 0: not SCMI's status. */
  readonly errno: number;
  readonly inflight: number | null;
}

/** `scmi_rx_done`: a message of the firmware was taken in by an interrupt. */
export interface RxDone extends RecordPlace, MessageKey {
  readonly event: "rx-done";
  readonly transferId: number;
  /** Message type of the header: 0 response, 2 delayed response, 3 notification. */
  readonly messageType: number;
}

/** What a dumped message is. `rejected`: Linux did not take it, and dumped no payload. */
export type DumpKind = "command" | "response" | "delayed" | "notification" | "rejected";

/** `scmi_msg_dump`: a message as it lay in the channel. */
export interface MessageDump extends RecordPlace, MessageKey {
  readonly event: "dump";
  readonly kind: DumpKind;
  /** The tag as it was printed: `CMND`, `resp` (of raw mode), `!DLY`. */
  readonly tag: string;
  /** SCMI instance, where the kernel tells. */
  readonly instance: number | null;
  /** Protocol that owns the channel, where the kernel tells. */
  readonly channel: number | null;
  /** SCMI's status of a response; of a rejected message Linux's reason. */
  readonly status: number;
  /** Lowercase hex; of a response what follows the status. */
  readonly payload: string;
}

/** `scmi_fc_call`: memory of a fast channel was accessed instead of sending a message. */
export interface FastChannelCall extends RecordPlace {
  readonly event: "fast-channel";
  readonly protocolId: number;
  readonly messageId: number;
  readonly resourceId: number;
  readonly values: readonly [number, number];
}

export type FtraceRecord = XferBegin | XferWait | XferEnd | RxDone | MessageDump | FastChannelCall;
