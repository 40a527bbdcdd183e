import type { ExchangeOutcome, ObservedExchange, Seen } from "./observed.ts";
import type {
  FtraceRecord,
  MessageDump,
  MessageKey,
  RxDone,
  XferBegin,
  XferEnd,
  XferWait,
} from "./records.ts";

/** Linux' ETIMEDOUT. */
const TIMED_OUT = -110;

/** An exchange that is being put together. */
export interface Draft {
  readonly first: FtraceRecord & MessageKey;
  begin: XferBegin | null;
  command: MessageDump | null;
  wait: XferWait | null;
  response: MessageDump | null;
  rxDone: RxDone | null;
  end: XferEnd | null;
  /** When it began, in commands and lost events. */
  readonly born: number;
  /** Nothing more belongs to it. */
  isClosed: boolean;
}

/** @param goesOn whether the trace has anything behind what began it */
export function exchangeOf(draft: Draft, goesOn: boolean): ObservedExchange {
  const { first, begin, command, wait, response, end } = draft;
  const latest = end ?? response;
  return {
    ...seen(begin ?? first, command ?? response),
    kind: "exchange",
    endTimeUs: latest?.timeUs ?? null,
    request: command?.payload ?? null,
    response: response && { status: response.status, payload: response.payload },
    outcome: outcomeOf(draft, goesOn),
    errno: end?.errno ?? null,
    poll: begin?.poll ?? wait?.poll ?? null,
  };
}

function outcomeOf({ begin, command, wait, response, rxDone, end }: Draft, goesOn: boolean): ExchangeOutcome {
  if (response !== null) return "answered";
  if (end !== null) return end.errno === TIMED_OUT ? "timed-out" : end.errno === 0 ? "ended" : "failed";
  // Linux tells nothing more of a command that its transport refused.
  const isAlone = begin !== null && command === null && wait === null && rxDone === null;
  return isAlone && goesOn ? "not-sent" : "open";
}

export function seen(first: FtraceRecord & MessageKey, dump: MessageDump | null): Seen {
  const { line, timeUs, task, protocolId, messageId, token } = first;
  return {
    line,
    timeUs,
    task,
    protocolId,
    messageId,
    token,
    instance: dump?.instance ?? null,
    channel: dump?.channel ?? null,
  };
}
