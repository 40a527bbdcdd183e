import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import type { MachineEvent } from "#events/types.ts";
import { type Database, openForReading, openForWriting } from "#store/database.ts";
import { lockForWriting } from "#store/lock.ts";
import { isDamaged, LogReader, segmentEvents } from "#store/log-reader.ts";
import { LogWriter } from "#store/log-writer.ts";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scmi-store-"));
  file = join(folder, "log.db");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function opened(): Database {
  const db = openForWriting(file);
  if (isProblem(db)) throw new Error(db.detail);
  return db;
}

const booted = (seq: number): MachineEvent => ({
  type: "host.booted",
  seq,
  epoch: seq,
  domid: null,
  agentId: null,
  data: { cause: "reboot" },
});

function append(
  db: Database,
  commandId: number,
  events: readonly MachineEvent[],
  timeUs = 1_700_000_000_000_000,
): void {
  new LogWriter(db).append({
    kind: "host.reboot",
    input: '{"cause":"reboot"}',
    events,
    digest: new Uint8Array(32),
    ruleVersion: 1,
    envelope: {
      timeUs,
      commandId,
      actor: "tester",
      source: "cli",
      reason: null,
      request: null,
      program: "0.0.0-test",
    },
  });
}

test("what is appended is read back, event by event and as one segment", () => {
  const db = opened();
  append(db, 1, [booted(1), booted(2)]);
  append(db, 2, [booted(3)]);
  const reader = new LogReader(db);
  expect(reader.headSeq()).toBe(3);
  expect(reader.headCommand()).toBe(2);
  expect(reader.event(2)).toMatchObject({
    seq: 2,
    type: "host.booted",
    commandId: 1,
    actor: "tester",
    program: "0.0.0-test",
  });
  const events = [...segmentEvents(reader.segment(0, 10), 0)];
  expect(events.map((event) => (isDamaged(event) ? event.fault : [event.seq, event.epoch]))).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ]);
  db.close();
});

test("a time is found by halving: the last seq that is not after it", () => {
  const db = opened();
  for (let i = 1; i <= 20; i += 1) append(db, i, [booted(i)], 1000 * Math.ceil(i / 2));
  const reader = new LogReader(db);
  expect(reader.seqAt(999)).toBe(0);
  expect(reader.seqAt(1000)).toBe(2);
  expect(reader.seqAt(5500)).toBe(10);
  expect(reader.seqAt(1e12)).toBe(20);
  db.close();
});

test("neither better-sqlite3 nor the sqlite3 shell can change or delete an event or a command", () => {
  const db = opened();
  append(db, 1, [booted(1)]);
  for (const sql of [
    "UPDATE events SET epoch = 9",
    "DELETE FROM events",
    "UPDATE commands SET actor = 'x'",
    "DELETE FROM commands",
  ]) {
    expect(() => db.exec(sql)).toThrow(/append-only/);
  }
  db.close();
  expect(() => execFileSync("sqlite3", [file, "DELETE FROM events"], { stdio: "pipe" })).toThrow(
    /append-only/,
  );
});

test("the sqlite3 shell reads a log with sense", () => {
  const db = opened();
  append(db, 1, [booted(1)]);
  db.close();
  const shown = execFileSync("sqlite3", [file, "SELECT seq, time, type, actor, data FROM events_text"], {
    encoding: "utf8",
  });
  expect(shown.trim()).toBe('1|2023-11-14T22:13:20.000000Z|host.booted|tester|{"cause":"reboot"}');
});

test("every commit is synced to the disk, not only handed to the system", () => {
  const db = opened();
  expect(db.pragma("synchronous", { simple: true })).toBe(2);
  expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
  db.close();
});

test.each([
  [
    "a file of other bytes",
    (path: string) => writeFileSync(path, "this is no database, but it is long enough to look like one"),
    "log-not-a-log",
  ],
  [
    "another program's database",
    (path: string) => new Sqlite(path).exec("CREATE TABLE t (x)").close(),
    "log-not-a-log",
  ],
  ["a log of a newer version", (path: string) => newer(path), "log-too-new"],
  ["a folder", () => undefined, "file-unreadable"],
])("%s is refused with a code, for writing and for reading, and is not touched", (_what, make, code) => {
  const path = code === "file-unreadable" ? folder : file;
  make(path);
  const before = path === file ? readFileSync(path) : null;
  const forWriting = openForWriting(path);
  const forReading = openForReading(path);
  expect(isProblem(forWriting) && forWriting.code).toBe(code);
  expect(isProblem(forReading) && forReading.code).toBe(code);
  if (before !== null && code !== "log-too-new") expect(readFileSync(path).equals(before)).toBe(true);
});

function newer(path: string): void {
  const db = openForWriting(path);
  if (isProblem(db)) throw new Error(db.detail);
  db.pragma("user_version = 9999");
  db.pragma("journal_mode = DELETE");
  db.close();
}

test("reading a log that is not there is a problem, and makes none", () => {
  const db = openForReading(file);
  expect(isProblem(db) && db.code).toBe("log-not-found");
});

test("one writer at a time: the lock is refused while held, and free again when let go", () => {
  const first = lockForWriting(file);
  const second = lockForWriting(file);
  expect(isProblem(first)).toBe(false);
  expect(isProblem(second) && second.code).toBe("log-in-use");
  if (!isProblem(first)) first.release();
  const third = lockForWriting(file);
  expect(isProblem(third)).toBe(false);
  if (!isProblem(third)) third.release();
});
