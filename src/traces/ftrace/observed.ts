import type { MessageKey } from "./records.ts";

/**
 * How a command ended, as far as the trace tells. `answered`: its response is there. `ended`: Linux took an answer that the trace
 * does not have. `failed`: Linux gave up with an errno and without an answer. `timed-out`: no answer in time. `not-sent`: the
 * transport refused it. `open`: nothing tells; the trace stops, or lost it.
 */
export type ExchangeOutcome = "answered" | "ended" | "failed" | "timed-out" | "not-sent" | "open";

/** Where something began in a trace. */
export interface Seen extends MessageKey {
  /** Number of the first line that tells of it. */
  readonly line: number;
  /** Device's own time, microseconds. */
  readonly timeUs: number | null;
  readonly task: string | null;
  readonly instance: number | null;
  readonly channel: number | null;
}

/** A command and its immediate response. */
export interface ObservedExchange extends Seen {
  readonly kind: "exchange";
  readonly endTimeUs: number | null;
  /** Payload in hex; null: the trace does not have it. */
  readonly request: string | null;
  readonly response: { readonly status: number; readonly payload: string } | null;
  readonly outcome: ExchangeOutcome;
  /** What Linux gave its caller, negative, or 0; null: the trace does not have the end. */
  readonly errno: number | null;
  /** Whether Linux waited by looking, instead of for an interrupt. */
  readonly poll: boolean | null;
}

/** What the firmware sent by itself. `rejected`: Linux did not take it, `status` is its reason. */
export interface ObservedMessage extends Seen {
  readonly kind: "delayed" | "notification" | "rejected";
  readonly tag: string | null;
  /** SCMI's status of a delayed response; null: it has none, or the trace has no payload. */
  readonly status: number | null;
  /** Hex; null: the trace does not have it. */
  readonly payload: string | null;
}

export type Observed = ObservedExchange | ObservedMessage;
