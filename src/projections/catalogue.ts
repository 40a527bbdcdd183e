import type { LoggedEvent } from "#events/logged.ts";
import type { Database } from "#store/database.ts";
import { agents } from "./agents.ts";
import { channels } from "./channels.ts";
import { devices } from "./devices.ts";
import { domains } from "./domains.ts";
import { exposures } from "./exposures.ts";
import { permissionHistory } from "./permission-history.ts";
import { permissions } from "./permissions.ts";
import type { Projection, ProjectionWriter, TableName } from "./projection.ts";
import { ShadowTables } from "./shadow-tables.ts";
import { smcCounters } from "./smc-counters.ts";
import { hashTable } from "./table-hash.ts";
import { permissionUse } from "./use/permission-use.ts";

/** Every projection. A new one is a file, its tables in a migration, and a line here. */
export const ALL_PROJECTIONS: readonly Projection[] = [
  agents,
  channels,
  domains,
  devices,
  permissions,
  permissionHistory,
  smcCounters,
  permissionUse,
  exposures,
];

/** All projections at once, for the single writer. */
export type ProjectionSet = ProjectionWriter;

/**
 * Opens the projections to write. An empty log's tables are up to date from the start; those of a log that has events already
 * are stale where they were never filled, or by another version, and go on as they are until {@link rebuildProjections}.
 *
 * @param db the writer's connection, outside any transaction
 */
export function openProjections(db: Database): ProjectionSet {
  db.transaction(() => {
    const first = db.prepare<[string, number]>(`
      INSERT INTO projections (name, version) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET version = excluded.version
    `);
    const later = db.prepare<[string]>("INSERT OR IGNORE INTO projections (name, version) VALUES (?, 0)");
    for (const { name, version } of ALL_PROJECTIONS) {
      if (hasEvents(db)) later.run(name);
      else first.run(name, version);
    }
  }).immediate();
  return openAll(db, (name) => name);
}

/** Names of the projections whose tables were not filled, from the first event on, by the version that this program has. */
export function staleProjections(db: Database): string[] {
  if (!hasEvents(db)) return [];
  const version = db.prepare<[string], number>("SELECT version FROM projections WHERE name = ?").pluck();
  return ALL_PROJECTIONS.filter((projection) => version.get(projection.name) !== projection.version).map(
    ({ name }) => name,
  );
}

/** A rebuild writes what projections gather this often: memory must not grow with the log. */
const FLUSH_EVENTS = 4096;

/** What a rebuild came to, a row a table; `identical`: every table has the rows that it had before. */
export interface RebuildReport {
  readonly tables: readonly {
    readonly name: string;
    readonly rows: number;
    readonly hashBefore: string;
    readonly hashAfter: string;
  }[];
  readonly identical: boolean;
}

/**
 * Fills every table anew from the log, and swaps the new tables in: all in one transaction, so that readers see the old tables
 * until they see the new ones, and a failure leaves the old ones. What is open on the tables goes on with the new ones.
 *
 * @param db the writer's connection; nothing may be under way on it, and nothing gathered by a {@link ProjectionSet} unflushed
 * @param events the whole log in order; not a query that is still running on this very connection
 */
export function rebuildProjections(db: Database, events: Iterable<LoggedEvent>): RebuildReport {
  const names = ALL_PROJECTIONS.flatMap(({ tables }) => tables);
  return db
    .transaction(() => {
      const before = names.map((name) => hashTable(db, name));
      const shadows = new ShadowTables(db, ["projections", ...names]);
      const add = db.prepare<[string, number]>(
        `INSERT INTO ${shadows.nameOf("projections")} (name, version) VALUES (?, ?)`,
      );
      for (const { name, version } of ALL_PROJECTIONS) add.run(name, version);
      const writer = openAll(db, shadows.nameOf);
      let gathered = 0;
      for (const event of events) {
        writer.apply(event);
        gathered += 1;
        if (gathered % FLUSH_EVENTS === 0) writer.flush();
      }
      writer.flush();
      const after = names.map((name) => hashTable(db, shadows.nameOf(name)));
      shadows.swap();
      const tables = names.map((name, i) => ({
        name,
        rows: after[i]?.rows ?? 0,
        hashBefore: before[i]?.hash ?? "",
        hashAfter: after[i]?.hash ?? "",
      }));
      return { tables, identical: tables.every(({ hashBefore, hashAfter }) => hashBefore === hashAfter) };
    })
    .immediate();
}

function openAll(db: Database, table: TableName): ProjectionSet {
  const writers = ALL_PROJECTIONS.map((projection) => projection.open(db, table));
  return {
    apply(event) {
      for (const writer of writers) writer.apply(event);
    },
    flush() {
      for (const writer of writers) writer.flush();
    },
    discard() {
      for (const writer of writers) writer.discard();
    },
  };
}

function hasEvents(db: Database): boolean {
  return db.prepare<[], number>("SELECT EXISTS (SELECT 1 FROM events)").pluck().get() === 1;
}
