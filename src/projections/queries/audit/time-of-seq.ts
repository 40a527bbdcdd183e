import { timeText } from "#base/time.ts";
import type { Database } from "#store/database.ts";
import { prepared } from "../prepared.ts";

/** When an event was, or null: there is none. */
export function timeOfSeq(db: Database, seq: number | null): string | null {
  if (seq === null) return null;
  const row = prepared<[number], { time: number }>(db, "SELECT time FROM events WHERE seq = ?").get(seq);
  return row === undefined ? null : timeText(row.time);
}
