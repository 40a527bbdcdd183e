import { type Problem, problem } from "#base/problem.ts";
import { Machine } from "#machine/machine.ts";
import type { Database } from "#store/database.ts";
import { sha256 } from "../hash.ts";
import { startFromSnapshot } from "../snapshot-start.ts";

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

/** Which events of the log a pack has. */
export interface PackRange {
  readonly from: number;
  readonly to: number;
}

/**
 * What a file is a pack of; null: it is a whole log.
 *
 * @returns `log-too-new`, or `log-damaged` where the state that it starts from does not hold
 */
export function packRange(db: Database): PackRange | null | Problem {
  const file = db.name;
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'pack'").get() === undefined) return null;
  const version = db.prepare<[], number>("SELECT version FROM pack").pluck().get() ?? 0;
  if (version > PACK_VERSION) return problem("log-too-new", { file, version, versionMax: PACK_VERSION });
  const range = db.prepare<[], PackRange>('SELECT from_seq AS "from", to_seq AS "to" FROM pack').get();
  if (range === undefined)
    return problem("log-damaged", { file, why: "the pack does not say what is in it" });
  const start = range.from - 1;
  if (start > 0 && startFromSnapshot(new Machine(sha256), db, start)?.seq !== start) {
    return problem("log-damaged", { file, why: `the state before event ${range.from} does not hold` });
  }
  return range;
}
