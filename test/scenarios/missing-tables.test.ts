import { copyFileSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";
import { scratchFolder, serveBoard } from "../support/scmictl.ts";
import { TWO_GUESTS } from "../support/two-guests.ts";

const folder = scratchFolder();
const whole = join(folder.path, "whole.db");

beforeAll(async () => {
  const server = await serveBoard(["--board", TWO_GUESTS, "--db", whole]);
  await inProcess(["domain", "create", "examples/two-guests/red.cfg", "--url", server.url]);
  await server.end();
});
afterAll(() => folder.remove());

/** Verbs that read a log, by the table without which they cannot. */
const VERBS: { readonly [table: string]: readonly string[] } = {
  events: [
    "replay",
    "log",
    "state --at 5",
    "diff --from 3 --to 9",
    "permissions",
    "export events",
    "debug --batch",
  ],
  commands: [
    "replay",
    "log",
    "bisect --good 0 --bad 5 --expect true",
    "whatif --at 3",
    "shrink --expect true",
  ],
  snapshots: ["state --at 5", "replay", "host"],
  projections: ["permissions", "host"],
  domains: ["domain list", "who --device 1"],
  exposures: ["exposure"],
  audit_keys: ["audit show"],
};

describe.each(Object.entries(VERBS))("a log without its table %s", (table, verbs) => {
  const db = join(folder.path, `no-${table}.db`);

  beforeAll(() => {
    copyFileSync(whole, db);
    const file = new Sqlite(db);
    file.pragma("foreign_keys = OFF");
    file.exec(`DROP TABLE ${table}`);
    file.close();
  });

  test.each(verbs)("%s says that the log is damaged, and what is missing", async (verb) => {
    const { status, stderr } = await inProcess([...verb.split(" "), "--db", db]);
    expect(status).toBe(1);
    expect(stderr).toContain("code: log-damaged");
    expect(stderr).toContain(`no such table: ${table}`);
    expect(stderr).not.toContain("bug");
  });

  test("audit verify names it", async () => {
    const { status, stdout } = await inProcess(["audit", "verify", "--json", "--db", db]);
    expect(status).toBe(1);
    expect(stdout).toContain(table);
  });
});
