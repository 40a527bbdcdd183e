import type { LoggedEvent } from "#events/logged.ts";
import { type Database, openTemporary } from "#store/database.ts";
import { ALL_PROJECTIONS, openProjections, staleProjections } from "./catalogue.ts";
import { hashTable } from "./table-hash.ts";

/** Events between two flushes of the tables that are made for comparison. */
const FLUSH_EVENTS = 10_000;

const COMMANDS_AT_ONCE = 1000;

/** A table that is not what the log's events give. */
export interface WrongTable {
  readonly table: string;
  /** Rows of it that the events do not give, and rows of theirs that it lacks; null where it is stale as a whole. */
  readonly extra: number | null;
  readonly missing: number | null;
}

/**
 * Refolds every projection beside the log and compares its tables with those of the log. Nothing is changed.
 *
 * @param events the whole log in order
 */
export function checkProjections(db: Database, events: Iterable<LoggedEvent>): WrongTable[] {
  const fresh = openTemporary();
  try {
    const writer = openProjections(fresh);
    const commands = new CommandCopies(db, fresh);
    fresh.exec("BEGIN");
    let waiting = 0;
    for (const event of events) {
      commands.reach(event.commandId);
      writer.apply(event);
      waiting += 1;
      if (waiting < FLUSH_EVENTS) continue;
      writer.flush();
      waiting = 0;
    }
    writer.flush();
    fresh.exec("COMMIT");
    const stale = new Set(staleProjections(db));
    // Which version filled what is only to compare where all of them are of this one.
    const places = stale.size === 0 ? ["projections"] : [];
    return [...places, ...ALL_PROJECTIONS.flatMap(({ tables }) => tables)].flatMap((table) => {
      const isStale = ALL_PROJECTIONS.some(({ name, tables }) => stale.has(name) && tables.includes(table));
      if (isStale) return [{ table, extra: null, missing: null }];
      return hashTable(db, table).hash === hashTable(fresh, table).hash ? [] : [difference(db, fresh, table)];
    });
  } finally {
    fresh.close();
  }
}

/** What projections look up in the commands of their events: its kind and its input, where it has one. */
class CommandCopies {
  readonly #find;
  readonly #add;
  readonly #drop;
  #upTo = 0;

  constructor(db: Database, fresh: Database) {
    fresh.exec("DROP TRIGGER commands_are_never_deleted");
    fresh.pragma("foreign_keys = OFF");
    this.#find = db
      .prepare<[number, number], unknown[]>(`
        SELECT id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program FROM commands
        WHERE id BETWEEN ? AND ? AND input IS NOT NULL
      `)
      .raw();
    this.#add = fresh.prepare(`
      INSERT INTO commands (id, kind, input, actor, source, reason, first_seq, last_seq, digest, rule_version, program)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    this.#drop = fresh.prepare("DELETE FROM commands");
  }

  /** Has the commands up to this one, and beyond, at hand. */
  reach(commandId: number): void {
    if (commandId <= this.#upTo) return;
    this.#drop.run();
    const to = commandId + COMMANDS_AT_ONCE;
    for (const row of this.#find.all(commandId, to)) this.#add.run(...row);
    this.#upTo = to;
  }
}

function difference(db: Database, fresh: Database, table: string): WrongTable {
  const [found, right] = [rowsOf(db, table), rowsOf(fresh, table)];
  return {
    table,
    extra: [...found].filter((row) => !right.has(row)).length,
    missing: [...right].filter((row) => !found.has(row)).length,
  };
}

function rowsOf(db: Database, table: string): Set<string> {
  return new Set(
    db
      .prepare(`SELECT * FROM ${table}`)
      .raw()
      .all()
      .map((row) => JSON.stringify(row)),
  );
}
