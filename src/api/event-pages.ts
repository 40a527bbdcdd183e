import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { ReadSide } from "#control/read-side.ts";
import type { LoggedEvent } from "#events/logged.ts";
import type { EventType } from "#events/types.ts";

/** What `/v1/events` and its stream can be asked for. */
export interface EventFilter {
  readonly type?: EventType | undefined;
  readonly agentId?: number | undefined;
  readonly domid?: number | undefined;
  readonly commandId?: number | undefined;
}

/** Events of the log that passed a filter. */
interface EventBatch {
  readonly events: readonly LoggedEvent[];
  /** Every event up to here was looked at. */
  readonly upTo: number;
  /** Whether the log goes on behind `upTo`. */
  readonly hasMore: boolean;
}

/** Rows that are looked at in one go: a filter that few events pass must not keep the writer waiting. */
const SLICE_ROWS = 20_000;

/**
 * Reads the events behind `after` that pass a filter, until there are `limit` of them or the log ends. A long search lets others
 * run in between.
 */
export async function readEvents(
  reads: ReadSide,
  after: number,
  limit: number,
  filter: EventFilter,
  signal?: AbortSignal,
): Promise<EventBatch | Problem> {
  const head = reads.log.headSeq();
  if (filter.commandId !== undefined) return eventsOfCommand(reads, after, limit, head, filter);
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const events: LoggedEvent[] = [];
  let upTo = after;
  while (upTo < head && events.length < limit && signal?.aborted !== true) {
    if (upTo > after) await new Promise((resolve) => setImmediate(resolve));
    const sliceEnd = isFiltered ? Math.min(head, upTo + SLICE_ROWS) : head;
    const wanted = limit - events.length;
    const found = readable(reads, reads.log.events(upTo, wanted, { ...filter, upTo: sliceEnd }));
    if (isProblem(found)) return found;
    events.push(...found);
    upTo = found.length < wanted ? sliceEnd : (found.at(-1)?.seq ?? sliceEnd);
  }
  return { events, upTo, hasMore: upTo < head };
}

/** The log knows where a command's events are. */
function eventsOfCommand(
  reads: ReadSide,
  after: number,
  limit: number,
  head: number,
  filter: EventFilter,
): EventBatch | Problem {
  const command = reads.log.command(filter.commandId ?? 0);
  if (command === undefined || command.lastSeq <= after) return { events: [], upTo: head, hasMore: false };
  const start = Math.max(after, command.firstSeq - 1);
  const events = readable(reads, reads.log.events(start, limit, { ...filter, upTo: command.lastSeq }));
  if (isProblem(events)) return events;
  const upTo = events.length < limit ? head : (events.at(-1)?.seq ?? head);
  return { events, upTo, hasMore: upTo < head };
}

function readable(reads: ReadSide, events: ReturnType<ReadSide["log"]["events"]>): LoggedEvent[] | Problem {
  const whole: LoggedEvent[] = [];
  for (const event of events) {
    if ("fault" in event) return damaged(reads, event);
    whole.push(event);
  }
  return whole;
}

/** The next events of the log, at most so many. */
export function readSlice(reads: ReadSide, after: number, limit: number): LoggedEvent[] | Problem {
  return readable(reads, reads.log.events(after, limit));
}

/** An event of the log, or why there is none. */
export function readEvent(reads: ReadSide, seq: number): LoggedEvent | Problem {
  const event = reads.log.event(seq);
  if (event === undefined) return problem("seq-not-found", { seq, headSeq: reads.log.headSeq() });
  return "fault" in event ? damaged(reads, event) : event;
}

function damaged(reads: ReadSide, { seq, fault }: { seq: number; fault: string }): Problem {
  return problem("log-damaged", { file: reads.db.name, why: `event ${seq}: ${fault}` });
}
