import type { LoggedEvent } from "#events/logged.ts";
import type { EventType } from "#events/types.ts";
import type { Database } from "#store/database.ts";

/** Maps the name of a table to the one to use: the live table's, or its shadow's while a rebuild fills it. */
export type TableName = (name: string) => string;

/** How events become rows of some tables. What the tables look like is said in migrations/, and nowhere else. */
export interface Projection {
  readonly name: string;
  /** Raised with every change of what the rows would be: tables of an older version are stale until they are rebuilt. */
  readonly version: number;
  readonly tables: readonly string[];
  open(db: Database, table: TableName): ProjectionWriter;
}

/** Writes one projection, inside the transaction of the caller. */
export interface ProjectionWriter {
  /** Takes the next event. One that was taken before, or that is late, changes nothing. */
  apply(event: LoggedEvent): void;
  /** Writes what was gathered; called once before each commit. */
  flush(): void;
  /** The transaction was rolled back: forgets what was gathered. */
  discard(): void;
}

/** A logged event of one type. */
export type EventOf<T extends EventType> = Extract<LoggedEvent, { readonly type: T }>;

/** What a projection does with each type of event; null: it has nothing to do with it. Leaving one out is a type error. */
export type Handlers = {
  readonly [T in EventType]: ((event: EventOf<T>) => void) | null;
};

/** Events that tell of requests, readers and other machines: no table of the machine's has anything to do with them. */
export const OUTSIDE_THE_MACHINE = {
  "request.refused": null,
  "audit.read": null,
  "trace.imported": null,
  "scmi.observed": null,
  "xen.observed": null,
} as const satisfies Partial<Handlers>;

/** The handler for an event, or null. */
export function handlerOf(handlers: Handlers, event: LoggedEvent): ((event: LoggedEvent) => void) | null {
  return handlers[event.type] as ((event: LoggedEvent) => void) | null;
}

/** What {@link guardedWriter} is made of. */
export interface Guarded {
  readonly name: string;
  readonly handlers: Handlers;
  /** Whether an event can change anything at all; left out: every event that has a handler can. */
  readonly concerns?: (event: LoggedEvent) => boolean;
}

/**
 * A writer that gives each event to its handler once: the last one that it took is kept beside the tables, and one that is not
 * behind it is left alone.
 */
export function guardedWriter(db: Database, table: TableName, guarded: Guarded): ProjectionWriter {
  const { name, handlers, concerns = always } = guarded;
  const load = db.prepare<[string], number>(`SELECT seq FROM ${table("projections")} WHERE name = ?`).pluck();
  const store = db.prepare<[number, string]>(`UPDATE ${table("projections")} SET seq = ? WHERE name = ?`);
  let last: number | null = null;
  let isChanged = false;
  return {
    apply(event) {
      const handler = handlerOf(handlers, event);
      if (handler === null || !concerns(event)) return;
      last ??= load.get(name) ?? 0;
      if (event.seq <= last) return;
      handler(event);
      last = event.seq;
      isChanged = true;
    },
    flush() {
      if (isChanged && last !== null) store.run(last, name);
      isChanged = false;
    },
    discard() {
      last = null;
      isChanged = false;
    },
  };
}

function always(): boolean {
  return true;
}
