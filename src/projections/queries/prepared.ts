import type { Database, Statement } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";

const STATEMENTS = new WeakMap<Database, Map<string, Statement>>();
const READERS = new WeakMap<Database, LogReader>();

/** The statement of a text on a connection, prepared when it is first asked for. */
export function prepared<Params extends unknown[], Row>(db: Database, sql: string): Statement<Params, Row> {
  let statements = STATEMENTS.get(db);
  if (statements === undefined) {
    statements = new Map();
    STATEMENTS.set(db, statements);
  }
  let statement = statements.get(sql);
  if (statement === undefined) {
    statement = db.prepare(sql);
    statements.set(sql, statement);
  }
  return statement as unknown as Statement<Params, Row>;
}

/** The reader of a connection's log, made when it is first asked for. */
export function readerOf(db: Database): LogReader {
  const known = READERS.get(db);
  if (known !== undefined) return known;
  const made = new LogReader(db);
  READERS.set(db, made);
  return made;
}
