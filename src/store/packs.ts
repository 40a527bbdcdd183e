import type { Database } from "better-sqlite3";
import { type Problem, problem } from "#base/problem.ts";

/** Version of packs as this program makes them. */
const PACK_VERSION = 1;

/** What a pack has beside the tables of a log. */
const PACK_TABLE = `CREATE TABLE pack (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  version  INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq   INTEGER NOT NULL,
  program  TEXT NOT NULL,
  -- What has stand-ins in it, such as names,addresses. The first packs have no such column.
  redacted TEXT
) STRICT`;

/** Which events of the log a pack has. */
export interface PackRange {
  readonly from: number;
  readonly to: number;
}

/**
 * Makes a log the pack of a range.
 *
 * @param program version of the program that packs
 * @param redacted what has stand-ins in it; left out: nothing
 */
export function declarePack(
  db: Database,
  { from, to }: PackRange,
  program: string,
  redacted: readonly string[] = [],
): void {
  db.exec(PACK_TABLE);
  const said = redacted.length === 0 ? null : redacted.join(",");
  db.prepare("INSERT INTO pack VALUES (1, ?, ?, ?, ?, ?)").run(PACK_VERSION, from, to, program, said);
}

/** The range that a file is a pack of; null: it is a whole log. */
export function rangeOfPack(db: Database): PackRange | null {
  if (!isPack(db)) return null;
  const range = db.prepare<[], PackRange>('SELECT from_seq AS "from", to_seq AS "to" FROM pack').get();
  return range ?? null;
}

/** What is wrong with a file as a pack, or undefined: it is a whole log, or a pack that this program can read. */
export function packProblem(db: Database, file: string): Problem | undefined {
  if (!isPack(db)) return undefined;
  const version = db.prepare<[], number>("SELECT version FROM pack").pluck().get();
  if (version === undefined) {
    return problem("log-damaged", { file, why: "the pack does not say what is in it" });
  }
  if (version <= PACK_VERSION) return undefined;
  return problem("log-too-new", { file, version, versionMax: PACK_VERSION });
}

/** Refuses a pack where only a whole log will do; undefined: it is one. */
export function wholeLogProblem(db: Database, file: string, why: string): Problem | undefined {
  return isPack(db)
    ? problem("log-not-a-log", { file, why: `it is a pack, a part of a log: ${why}` })
    : undefined;
}

/** Refuses a position of before a pack's range; null: it is in the range, or the file is a whole log. */
export function outsidePack(db: Database, position: number): Problem | null {
  const range = rangeOfPack(db);
  if (range === null || position >= range.from - 1) return null;
  return problem("position-outside-pack", { position, firstSeq: range.from, lastSeq: range.to });
}

function isPack(db: Database): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'pack'").get() !== undefined;
}
