import type { LeafRange } from "#audit/merkle/subset-proof.ts";
import { openProjections } from "#projections/catalogue.ts";
import { type Database, openInMemory } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";

const EVENTS_AT_ONCE = 1000;

/**
 * A log in memory with some of the events of another, and the tables that they alone come to: an answer from it follows from
 * those events, and from nothing else.
 *
 * @param ranges of seqs
 */
export function smallLog(from: Database, ranges: readonly LeafRange[]): Database {
  const small = openInMemory();
  const copyEvents = copying(from, small, "events", "seq BETWEEN ? AND ?");
  const copyCommands = copying(
    from,
    small,
    "commands",
    "id IN (SELECT command_id FROM events WHERE seq BETWEEN ? AND ?)",
  );
  copying(from, small, "programs", "id BETWEEN ? AND ?")(0, Number.MAX_SAFE_INTEGER);
  const projections = openProjections(small);
  const reader = new LogReader(small);
  small.transaction(() => {
    for (const { start, end } of ranges) {
      copyCommands(start, end - 1);
      copyEvents(start, end - 1);
    }
    for (let after = 0; ; ) {
      const events = reader.events(after, EVENTS_AT_ONCE);
      for (const event of events) {
        if (!isDamaged(event)) projections.apply(event);
        after = event.seq;
      }
      if (events.length < EVENTS_AT_ONCE) break;
    }
    projections.flush();
  })();
  return small;
}

function copying(
  from: Database,
  to: Database,
  table: string,
  where: string,
): (low: number, high: number) => void {
  const select = from.prepare<[number, number], unknown[]>(`SELECT * FROM ${table} WHERE ${where}`);
  const columns = select.columns().map(({ name }) => name);
  const places = columns.map(() => "?").join(", ");
  const insert = to.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${places})`);
  return (low, high) => {
    for (const row of select.raw().all(low, high)) insert.run(...row);
  };
}
