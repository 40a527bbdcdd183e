/**
 * What was observed on a machine that this program does not run, read from its traces: facts that nobody here decided, and that
 * change no state.
 */

/** What a trace came from: Linux' trace events, or Xen's console. */
export const TRACE_SOURCES = ["ftrace", "xen-log"] as const;
export type TraceSource = (typeof TRACE_SOURCES)[number];

/** `trace.imported`: a file was read; the events behind it, up to the next of its kind, are what it holds. */
export interface TraceImported {
  readonly source: TraceSource;
  /** Name of the file, without its folder. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 of the file, hex. */
  readonly digest: string;
  readonly lines: number;
  /** What was found and what was not, by name: `answered`, `timed-out`, `damaged`, `lost` …; names that count nothing are left out. */
  readonly counts: Readonly<Record<string, number>>;
  /** The first of the lines that could not be read. */
  readonly faults: readonly { readonly line: number; readonly why: string }[];
}

export const OBSERVED_KINDS = ["exchange", "delayed", "notification", "rejected"] as const;
export const OBSERVED_OUTCOMES = ["answered", "ended", "failed", "timed-out", "not-sent", "open"] as const;

/** `scmi.observed`: a command with its answer, or a message that the firmware sent by itself. */
export interface ScmiObserved {
  /** Seq of the `trace.imported` that it belongs to. */
  readonly trace: number;
  /** Number of the first line that tells of it, from 1. */
  readonly line: number;
  /** The device's own time, microseconds, when it began; null: the trace has none. */
  readonly timeUs: number | null;
  readonly endTimeUs: number | null;
  readonly kind: (typeof OBSERVED_KINDS)[number];
  readonly protocolId: number;
  readonly messageId: number;
  readonly token: number;
  /** SCMI instance and channel, where the kernel tells. */
  readonly instance: number | null;
  readonly channel: number | null;
  /** Who asked, as the tracer has it. */
  readonly task: string | null;
  /** Payload of the command, hex; null: the trace does not have it. */
  readonly request: string | null;
  /** SCMI's status; of a rejected message Linux's reason. */
  readonly status: number | null;
  /** What followed the status, or a notification's payload, hex. */
  readonly response: string | null;
  /** How a command ended; null: it is none. */
  readonly outcome: (typeof OBSERVED_OUTCOMES)[number] | null;
  /** What Linux gave its caller: a negative errno, or 0. */
  readonly errno: number | null;
}

/** `xen.observed`: Xen said something about SCMI on its console. */
export interface XenObserved {
  readonly trace: number;
  readonly line: number;
  /** Time since Xen started, microseconds, where its console tells. */
  readonly timeUs: number | null;
  /** Name of the message, `other`: not one that is known. */
  readonly message: string;
  /** Its numbers; an errno by name. */
  readonly fields: Readonly<Record<string, number | string>>;
  /** As it was printed, without prefix and time. */
  readonly text: string;
}
