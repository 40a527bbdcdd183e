import type { Database } from "better-sqlite3";
import type { LoggedEvent, RequestOrigin, Source } from "#events/logged.ts";
import type { MachineEvent } from "#events/types.ts";
import { ColumnReader } from "./column-reader.ts";
import { type DamagedEvent, envelopeOf, isDamaged, LogReader, segmentEvents } from "./log-reader.ts";

const SLICE_EVENTS = 1000;

/**
 * The whole log in order, read in large pieces. Who asked and why is looked up only when it is asked for, which takes a query.
 * Ends with the first event that cannot be read, if there is one.
 */
export function* loggedEvents(db: Database): Generator<LoggedEvent | DamagedEvent> {
  const reader = new LogReader(db);
  const places = new ColumnReader<{ time: number; commandId: number }>(db, "events", "seq", {
    time: "time",
    commandId: "command_id",
  });
  const head = reader.headSeq();
  let epoch = 0;
  for (let at = 0; at < head; at += SLICE_EVENTS) {
    const count = Math.min(SLICE_EVENTS, head - at);
    const segment = reader.segment(at, count);
    if (segment.count !== count) {
      yield { seq: at + 1, fault: "it, or an event near it, is missing" };
      return;
    }
    const columns = places.read(at + 1, at + count);
    if (columns === null) {
      yield { seq: at + 1, fault: "its time, or that of an event near it, is no number" };
      return;
    }
    for (const event of segmentEvents(segment, epoch)) {
      if (isDamaged(event)) {
        yield event;
        return;
      }
      epoch = event.epoch;
      const timeUs = columns.time[event.seq - at - 1] as number;
      const commandId = columns.commandId[event.seq - at - 1] as number;
      yield new StoredEvent(event, timeUs, commandId, reader) as unknown as LoggedEvent;
    }
  }
}

/** An event whose envelope is looked up when it is wanted. */
class StoredEvent {
  readonly type: MachineEvent["type"];
  readonly seq: number;
  readonly epoch: number;
  readonly domid: number | null;
  readonly agentId: number | null;
  readonly data: MachineEvent["data"];
  readonly timeUs: number;
  readonly commandId: number;
  readonly #reader: LogReader;

  constructor(event: MachineEvent, timeUs: number, commandId: number, reader: LogReader) {
    this.type = event.type;
    this.seq = event.seq;
    this.epoch = event.epoch;
    this.domid = event.domid;
    this.agentId = event.agentId;
    this.data = event.data;
    this.timeUs = timeUs;
    this.commandId = commandId;
    this.#reader = reader;
  }

  get #envelope() {
    const command = this.#reader.command(this.commandId);
    if (command === undefined) throw new Error(`command ${this.commandId} of event ${this.seq} is missing`);
    return envelopeOf({ time: this.timeUs, command_id: this.commandId }, command);
  }

  get actor(): string {
    return this.#envelope.actor;
  }
  get source(): Source {
    return this.#envelope.source;
  }
  get reason(): string | null {
    return this.#envelope.reason;
  }
  get request(): RequestOrigin | null {
    return this.#envelope.request;
  }
  get program(): string {
    return this.#envelope.program;
  }
}
