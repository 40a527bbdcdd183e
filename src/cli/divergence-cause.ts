import { EntryRows } from "#audit/entry/entry-rows.ts";
import type { Divergence } from "#replay/divergence.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { VERSION } from "./version.ts";

/** What is to be known of the first divergence of a log, and what to type next. */
export interface DivergenceCause {
  readonly seq: number;
  /** Version of the program that recorded the event, null: it cannot be read; and of this one. */
  readonly recordedBy: string | null;
  readonly replayedBy: string;
  readonly likely: string;
  readonly next: string;
}

/** Migration 0003-audit.sql: events have their leaf beside them. */
const LEAVES_SINCE = 3;

/** Where a divergence most likely comes from: the log was edited, a rule is another one, or the machine was made to fail. */
export function causeOf(db: Database, file: string, divergence: Divergence): DivergenceCause {
  const { seq, path } = divergence;
  const event = new LogReader(db).event(seq);
  const recordedBy = event === undefined || isDamaged(event) ? null : event.program;
  const about = { seq, recordedBy, replayedBy: VERSION };
  if (recordedBy === null || !isLeafRight(db, seq)) {
    const likely = "the log was edited: this event is not what its leaf in the audit tree was made of";
    return { ...about, likely, next: `scmictl audit verify --db ${file}` };
  }
  const next = `scmictl debug --db ${file} --at ${seq - 1}`;
  if (path === "command.ruleVersion") {
    return { ...about, likely: "the command was decided by rules of another version than its board's", next };
  }
  if (recordedBy !== VERSION) {
    return {
      ...about,
      likely: `a rule changed between ${recordedBy} and ${VERSION} without a version of its own`,
      next,
    };
  }
  const likely =
    "the firmware answered as the model does not: a fault that was simulated, or another build of this version";
  return { ...about, likely, next };
}

/** Whether an event is what its leaf was made of; true where it has none. */
function isLeafRight(db: Database, seq: number): boolean {
  if ((db.pragma("user_version", { simple: true }) as number) < LEAVES_SINCE) return true;
  const leaf = db.prepare<[number], Buffer | null>("SELECT leaf FROM events WHERE seq = ?").pluck().get(seq);
  return leaf == null || leaf.equals(new EntryRows(db).leaves(seq, seq));
}
