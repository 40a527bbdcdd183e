import { EntryRows } from "#audit/entry/entry-rows.ts";
import type { Variation } from "#machine/variations.ts";
import type { Database } from "#store/database.ts";
import { isDamaged, LogReader } from "#store/log-reader.ts";
import { schemaVersion } from "#store/migrations.ts";
import { rangeOfPack } from "#store/packs.ts";
import type { Divergence } from "../divergence.ts";
import { asRecordedWith } from "./as-recorded.ts";

/** Where a divergence can come from. */
export const CAUSES = [
  "log-edited",
  "snapshot-edited",
  "rule-version",
  "other-setting",
  "rule-changed",
  "other-firmware",
] as const;

/** What is to be known of the first divergence of a log. */
export interface DivergenceCause {
  readonly seq: number;
  readonly kind: (typeof CAUSES)[number];
  /** Version of the program that recorded the event, null: it cannot be read; and of this one. */
  readonly recordedBy: string | null;
  readonly replayedBy: string;
  /** In words. */
  readonly likely: string;
}

/** The cause, and the command to type next. */
interface Explanation {
  readonly cause: DivergenceCause;
  readonly next: string;
}

/** Migration 0003-audit.sql: events have their leaf beside them. */
const LEAVES_SINCE = 3;
/** Settings that are named, where several would do. */
const NAMED_MAX = 3;

/**
 * Where a divergence most likely comes from: the log was edited, its rules or its board's profile are others, or the machine was
 * made to fail.
 *
 * @param file the log as whoever asks calls it
 * @param program version of this program
 */
function likelyCause(db: Database, file: string, divergence: Divergence, program: string): Explanation {
  const { seq, path } = divergence;
  const event = new LogReader(db).event(seq);
  const recordedBy = event === undefined || isDamaged(event) ? null : event.program;
  const of = (kind: DivergenceCause["kind"], likely: string, next: string): Explanation => ({
    cause: { seq, kind, recordedBy, replayedBy: program, likely },
    next: `scmictl ${next}`,
  });
  const log = `--db ${quoted(file)}`;
  const look = `debug ${log} --at ${Math.max(seq - 1, 0)}`;
  if (path.startsWith("snapshot")) {
    const likely = "the state that is kept after this event was edited; the events themselves may be whole";
    return of("snapshot-edited", likely, `audit verify ${log}`);
  }
  if (recordedBy === null || !isLeafRight(db, seq)) {
    const likely = "the log was edited: this event is not what its leaf in the audit tree was made of";
    return of("log-edited", likely, `audit verify ${log}`);
  }
  if (path === "command.ruleVersion") {
    const likely = "the command was decided by rules of another version than its board's";
    return of("rule-version", likely, look);
  }
  const [first, ...others] = mostParticular(asRecordedWith(db, seq));
  if (first !== undefined) {
    const who = recordedBy === program ? "another build of this version" : recordedBy;
    // A board can be changed only at its beginning, which a pack has not.
    const likely = `it comes out as recorded with ${inWords([first, ...others])}, as ${who} may have had it`;
    return of(
      "other-setting",
      likely,
      rangeOfPack(db) === null ? `whatif ${log} --at ${seq} ${option(first)}` : look,
    );
  }
  if (recordedBy !== program) {
    const likely = `a rule changed between ${recordedBy} and ${program} without a version of its own`;
    return of("rule-changed", likely, look);
  }
  const likely =
    "the firmware answered as the model does not: a fault that was simulated, or another build of this version";
  return of("other-firmware", likely, look);
}

/** The cause of the first of some divergences, null where there are none; see {@link likelyCause}. */
export function explained(
  db: Database,
  file: string,
  divergences: readonly Divergence[],
  program: string,
): Explanation | { readonly cause: null; readonly next: null } {
  const [first] = divergences;
  return first === undefined ? { cause: null, next: null } : likelyCause(db, file, first, program);
}

/** Of settings that all explain it, those of the first kind: a switch says more than the profile that has it so. */
function mostParticular(found: readonly Variation[]): Variation[] {
  const kindOf = ({ setting }: Variation): string => setting.replace(/^(firmware\.switches)\..*/, "$1");
  return found.filter((one) => kindOf(one) === kindOf(found[0] as Variation)).slice(0, NAMED_MAX);
}

/** `xen.version v9 or v8 instead of v10`. */
function inWords(found: readonly Variation[]): string {
  const settings = [...new Set(found.map(({ setting }) => setting))];
  return settings
    .map((name) => {
      const own = found.filter(({ setting }) => setting === name);
      return `${name} ${own.map(({ to }) => to).join(" or ")} instead of ${own[0]?.from}`;
    })
    .join(", or ");
}

function option({ setting, to }: Variation): string {
  return setting === "rules" ? `--rules ${to}` : `--set ${setting}=${to}`;
}

/** A file's name as a shell takes it. */
function quoted(file: string): string {
  return /^[\w./@:+,-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}

/** Whether an event is what its leaf was made of; true where it has none. */
function isLeafRight(db: Database, seq: number): boolean {
  if (schemaVersion(db) < LEAVES_SINCE) return true;
  const leaf = db.prepare<[number], Buffer | null>("SELECT leaf FROM events WHERE seq = ?").pluck().get(seq);
  return leaf == null || leaf.equals(new EntryRows(db).leaves(seq, seq));
}
