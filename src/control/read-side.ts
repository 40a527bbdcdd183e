import { isProblem, type Problem } from "#base/problem.ts";
import { damageOf } from "#store/damage.ts";
import { type Database, openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";

export { damageOf };

/** Reads a log beside its writer, over a connection of its own that cannot write. It sees what is committed, and nothing else. */
export class ReadSide {
  /** For the queries of the projections. */
  readonly db: Database;
  readonly log: LogReader;

  private constructor(db: Database) {
    this.db = db;
    this.log = new LogReader(db);
  }

  /** Opens the log at `file`, which must be one already. */
  static open(file: string): ReadSide | Problem {
    const db = openForReading(file);
    return isProblem(db) ? db : new ReadSide(db);
  }

  close(): void {
    this.db.close();
  }
}
