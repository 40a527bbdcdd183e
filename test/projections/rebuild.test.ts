import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isProblem, type Problem } from "#base/problem.ts";
import {
  ALL_PROJECTIONS,
  openProjections,
  rebuildProjections,
  staleProjections,
} from "#projections/catalogue.ts";
import { agent } from "#projections/queries/agents.ts";
import { smcCounters } from "#projections/queries/smc-counters.ts";
import { ShadowTables } from "#projections/shadow-tables.ts";
import { hashTable } from "#projections/table-hash.ts";
import { type Database, openForReading, openForWriting, openInMemory } from "#store/database.ts";
import { runs } from "../support/runs.ts";
import {
  assigned,
  booted,
  bootedLog,
  configured,
  created,
  destroyed,
  forwarded,
  HostLog,
  permits,
  probed,
  refused,
  reset,
} from "./host-log.ts";
import { randomCommands } from "./random-log.ts";

const TABLES = ALL_PROJECTIONS.flatMap(({ tables }) => tables);

function hashes(log: HostLog): string[] {
  return TABLES.map((table) => `${table} ${hashTable(log.db, table).hash}`);
}

function schema(log: HostLog): unknown[] {
  return log.rows("SELECT type, name, tbl_name FROM sqlite_schema ORDER BY type, name");
}

/** Filled when 4096 events have come together: `permission-use.test.ts` does that. */
const FILLED_LATER = ["permission_use"];

/** A log in which every table has rows. */
function fullLog(): HostLog {
  const log = bootedLog();
  log.command("domain.create", [created(1, 2)]);
  log.command("device.assign", [permits([2, 0, true]), assigned(1, 2, "/soc/i2c@1", [0])]);
  log.command("smc", [forwarded(2, -3), refused(null)]);
  log.command("permission.set", [permits([3, 0, true])]);
  const itself = [{ table: "permission", row: 0, column: "0", value: true }] as const;
  log.command("smc", [forwarded(0, 0, { effects: itself })]);
  return log;
}

test("the log that these tests use fills every table", () => {
  const log = fullLog();
  expect(TABLES.filter((table) => hashTable(log.db, table).rows === 0)).toEqual(FILLED_LATER);
});

test("applying the events again, all or late, changes nothing", () => {
  const log = fullLog();
  const before = hashes(log);
  for (const event of log.events()) log.projections.apply(event);
  log.projections.flush();
  expect(hashes(log)).toEqual(before);
});

test("nor after a restart", () => {
  const log = fullLog();
  const before = hashes(log);
  log.projections = openProjections(log.db);
  for (const event of log.events()) log.projections.apply(event);
  log.projections.flush();
  expect(hashes(log)).toEqual(before);
});

test("what a rolled-back transaction had gathered is forgotten, and its events can come again", () => {
  const log = fullLog();
  const before = hashes(log);
  const place = log.place();
  const batch = (): void => {
    log.append("smc", [forwarded(2), refused(3)]);
    log.append("device.assign", [permits([2, 1, true]), assigned(1, 2, "/soc/gpu@2", [1])]);
  };
  expect(() =>
    log.db.transaction(() => {
      batch();
      throw new Error("disk full");
    })(),
  ).toThrow("disk full");
  log.rewind(place);
  expect(hashes(log)).toEqual(before);
  log.projections.flush();
  expect(hashes(log)).toEqual(before);

  log.db.transaction(() => {
    batch();
    log.projections.flush();
  })();
  expect(smcCounters(log.db).find(({ agentId }) => agentId === 2)?.forwarded).toBe(2);
  expect(rebuildProjections(log.db, log.events()).identical).toBe(true);
});

test("a commit that fails after the flush is taken back too", () => {
  const log = fullLog();
  const place = log.place();
  expect(() =>
    log.db.transaction(() => {
      log.append("smc", [forwarded(2)]);
      log.append("permission.set", [permits([2, 1, true])]);
      log.projections.flush();
      throw new Error("disk full");
    })(),
  ).toThrow("disk full");
  log.rewind(place);
  log.command("smc", [forwarded(2)]);
  log.command("permission.set", [permits([2, 1, true])]);
  expect(rebuildProjections(log.db, log.events()).identical).toBe(true);
  expect(log.rows("SELECT device_id FROM permissions WHERE agent_id = 2")).toHaveLength(2);
});

test("a transaction that fails right after a good one does not take the good one back", () => {
  const log = fullLog();
  log.projections.discard();
  log.projections.discard();
  for (const event of log.events()) log.projections.apply(event);
  log.projections.flush();
  expect(rebuildProjections(log.db, log.events()).identical).toBe(true);
});

test("a rebuild gives each table with its rows and both hashes", () => {
  const log = fullLog();
  const report = rebuildProjections(log.db, log.events());
  expect(report.identical).toBe(true);
  expect(report.tables.map(({ name }) => name)).toEqual(TABLES);
  for (const { name, rows, hashBefore, hashAfter } of report.tables) {
    if (!FILLED_LATER.includes(name)) expect(rows, name).toBeGreaterThan(0);
    expect(hashBefore).toMatch(/^[0-9a-f]{64}$/);
    expect(hashAfter).toBe(hashBefore);
  }
});

test("a rebuild leaves tables and indexes as the migration made them, however often", () => {
  const log = fullLog();
  const before = schema(log);
  rebuildProjections(log.db, log.events());
  rebuildProjections(log.db, log.events());
  expect(schema(log)).toEqual(before);
  expect(log.rows("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  expect(log.rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0")).toEqual(
    expect.not.arrayContaining(TABLES.map((name) => ({ name }))),
  );
});

test("what was open goes on after a rebuild, and writes into the new tables", () => {
  const log = fullLog();
  rebuildProjections(log.db, log.events());
  log.command("domain.destroy", [
    permits([2, 0, undefined]),
    reset(2, "destroy", 1),
    destroyed(1, 2, "destroy"),
  ]);
  log.command("smc", [forwarded(3)]);
  expect(agent(log.db, 2)?.domid).toBeNull();
  expect(rebuildProjections(log.db, log.events()).identical).toBe(true);
});

test("a reader beside it goes on through a rebuild: old rows before, new rows after", () => {
  const folder = mkdtempSync(join(tmpdir(), "scmi-projections-"));
  const file = join(folder, "log.db");
  const log = bootedLog(undefined, opened(openForWriting(file)));
  const reader = opened(openForReading(file));
  expect(agent(reader, 2)?.name).toBe("agent-2");
  log.db.exec("UPDATE agents SET name = 'tampered'");
  function* events() {
    expect(agent(reader, 2)?.name).toBe("tampered");
    yield* log.events();
  }
  rebuildProjections(log.db, events());
  expect(agent(reader, 2)?.name).toBe("agent-2");
  log.command("domain.create", [created(1, 2)]);
  expect(agent(reader, 2)?.domid).toBe(1);
  reader.close();
  log.db.close();
  rmSync(folder, { recursive: true });
});

function opened(db: Database | Problem): Database {
  if (isProblem(db)) throw new Error(db.detail);
  return db;
}

test("tampered rows show as a difference, and are put right", () => {
  const log = fullLog();
  const before = hashes(log);
  log.db.exec("UPDATE permissions SET allowed = 0");
  const report = rebuildProjections(log.db, log.events());
  expect(report.identical).toBe(false);
  expect(report.tables.filter(({ hashBefore, hashAfter }) => hashBefore !== hashAfter)).toMatchObject([
    { name: "permissions" },
  ]);
  expect(hashes(log)).toEqual(before);
});

test("a rebuild that fails leaves everything as it was", () => {
  const log = fullLog();
  const before = [...hashes(log), ...schema(log)];
  function* broken() {
    yield* log.events().slice(0, 3);
    throw new Error("unreadable");
  }
  expect(() => rebuildProjections(log.db, broken())).toThrow("unreadable");
  expect([...hashes(log), ...schema(log)]).toEqual(before);
});

test("an empty log is up to date; another version of a projection is stale until a rebuild, and goes on meanwhile", () => {
  const log = new HostLog();
  expect(staleProjections(log.db)).toEqual([]);
  log.command("host.configure", [configured(), booted, probed]);
  expect(staleProjections(log.db)).toEqual([]);

  log.db.exec("UPDATE projections SET version = 99 WHERE name = 'agents'; UPDATE agents SET name = 'old'");
  log.projections = openProjections(log.db);
  expect(staleProjections(log.db)).toEqual(["agents"]);
  log.command("domain.create", [created(1, 2)]);
  expect(agent(log.db, 2)).toMatchObject({ name: "old", domid: 1 });
  expect(staleProjections(log.db)).toEqual(["agents"]);

  expect(rebuildProjections(log.db, log.events()).identical).toBe(false);
  expect(staleProjections(log.db)).toEqual([]);
  expect(agent(log.db, 2)).toMatchObject({ name: "agent-2", domid: 1 });
  expect(rebuildProjections(log.db, log.events()).identical).toBe(true);
});

test("tables that are new to an old log are stale until a rebuild", () => {
  const log = fullLog();
  const full = hashes(log);
  log.db.exec("DELETE FROM projections");
  for (const table of TABLES) log.db.exec(`DELETE FROM ${table}`);
  log.projections = openProjections(log.db);
  const names = ALL_PROJECTIONS.map(({ name }) => name);
  expect(staleProjections(log.db)).toEqual(names);
  log.command("smc", [forwarded(2)]);
  log.projections = openProjections(log.db);
  expect(staleProjections(log.db)).toEqual(names);
  rebuildProjections(log.db, log.events().slice(0, -1));
  expect(hashes(log)).toEqual(full);
});

test("rebuilt tables equal live ones, whatever happened", () => {
  fc.assert(
    fc.property(randomCommands, fc.array(fc.integer({ min: 1, max: 5 })), (commands, sizes) => {
      const log = new HostLog();
      const left = [...commands];
      for (let i = 0; left.length > 0; i += 1) {
        const batch = left.splice(0, sizes[i % Math.max(1, sizes.length)] ?? 1);
        log.db.transaction(() => {
          for (const [kind, drafts] of batch) log.append(kind, drafts);
          log.projections.flush();
        })();
      }
      const report = rebuildProjections(log.db, log.events());
      expect(report.tables.filter(({ hashBefore, hashAfter }) => hashBefore !== hashAfter)).toEqual([]);
      log.db.close();
    }),
    { numRuns: runs(30, 600) },
  );
});

test("SMCs cost no SQL until the commit, and then one row an agent, and one a denial", () => {
  const log = bootedLog();
  const written = () => log.rows("SELECT total_changes() AS n")[0] as { n: number };
  log.db.transaction(() => {
    const events = log.append("smc", [forwarded(2), forwarded(2, -3), forwarded(3), refused(2)]);
    const before = written().n;
    for (const event of events) log.projections.apply({ ...event, seq: event.seq + 100 });
    expect(written().n).toBe(before);
    log.projections.flush();
    expect(written().n).toBe(before + 4);
  })();
});

test("the twins of unique indexes are unique: else every change of a permission would be looked for among all before it", () => {
  const db = openInMemory();
  new ShadowTables(db, ["permission_history", "exposures"]);
  const twins = db
    .prepare(
      "SELECT name FROM sqlite_schema WHERE name LIKE '%_open_rebuilt' AND sql LIKE 'CREATE UNIQUE INDEX%'",
    )
    .pluck()
    .all();
  expect(twins.sort()).toEqual(["exposures_open_rebuilt", "permission_history_open_rebuilt"]);
});
