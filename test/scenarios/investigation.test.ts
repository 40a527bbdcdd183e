import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { investigation } from "../support/investigation.ts";
import { runTyped } from "../support/typed-page.ts";

const PAGE = "docs/auditing.md";
let log: Awaited<ReturnType<typeof investigation>>;
beforeAll(async () => {
  log = await investigation();
});
afterAll(() => log.remove());

test("the investigation works as it is typed", { timeout: 60_000 }, async () => {
  expect(await runTyped(PAGE, "## An investigation", log.folder)).toBeGreaterThan(6);
});

const hasSqlite = spawnSync("sqlite3", ["--version"]).status === 0;

test.skipIf(!hasSqlite)("the queries of the page answer as it shows", () => {
  const page = readFileSync(PAGE, "utf8");
  const [section = ""] = /\n### The same in SQL\n[\s\S]*?(?=\n## )/.exec(page) ?? [];
  const queries = [...section.matchAll(/ {4}sqlite3 -readonly board\.db "([^"]*)"\n((?: {4}.*\n)+)/g)];
  expect(queries).toHaveLength(3);
  for (const [, query = "", shown = ""] of queries) {
    const { stdout, stderr } = spawnSync("sqlite3", ["-readonly", "board.db", query], { cwd: log.folder });
    expect(String(stderr)).toBe("");
    expect(String(stdout)).toBe(shown.replaceAll(/^ {4}/gm, ""));
  }
});
