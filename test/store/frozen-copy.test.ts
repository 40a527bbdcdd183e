import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { openForReading, openForWriting } from "#store/database.ts";
import { openFrozenCopy } from "#store/frozen-copy.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "scmi-frozen-"));
  file = join(folder, "log.db");
  const db = openForWriting(file);
  if (isProblem(db)) throw new Error(db.detail);
  db.exec("INSERT INTO programs (version) VALUES ('1.2.3')");
  db.close();
});
afterEach(() => {
  chmodSync(folder, 0o755);
  rmSync(folder, { recursive: true, force: true });
});

test("a copy has what the log has, and cannot be written", () => {
  const copy = openFrozenCopy(file);
  expect(copy.prepare("SELECT version FROM programs").pluck().all()).toEqual(["1.2.3"]);
  expect(() => copy.exec("DELETE FROM programs")).toThrow();
  copy.close();
  expect(readdirSync(folder)).toEqual(["log.db"]);
});

/** Root may write everywhere; it takes another user to see a folder as read-only. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const canBeNobody =
  !isRoot || spawnSync(process.execPath, ["bin/scmictl.js", "--version"], { uid: NOBODY }).status === 0;

test.skipIf(!canBeNobody)("whoever may not write beside a log can read it all the same", () => {
  chmodSync(file, 0o444);
  chmodSync(folder, 0o555);
  if (!isRoot) {
    const db = openForReading(file);
    if (isProblem(db)) throw new Error(db.detail);
    expect(db.prepare("SELECT version FROM programs").pluck().get()).toBe("1.2.3");
    db.close();
    return;
  }
  const { status, stderr } = spawnSync(process.execPath, ["bin/scmictl.js", "replay", "--db", file], {
    uid: NOBODY,
    encoding: "utf8",
  });
  // The log has no events: replay finds nothing that differs.
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(readdirSync(folder)).toEqual(["log.db"]);
});
