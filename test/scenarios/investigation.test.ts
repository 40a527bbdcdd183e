import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { investigation } from "../support/investigation.ts";
import { scmictl } from "../support/scmictl.ts";

const PAGE = "docs/auditing.md";
/** UPDATE_INVESTIGATION=1 writes the answers into the page instead of comparing them. */
const isUpdate = process.env["UPDATE_INVESTIGATION"] !== undefined;

let log: Awaited<ReturnType<typeof investigation>>;
beforeAll(async () => {
  log = await investigation();
});
afterAll(() => log.remove());

/** The section, and in it a command as typed with the answer that the page shows behind it. */
const SECTION = /\n## An investigation\n[\s\S]*?(?=\n## |$)/;
const STEP = /\n {4}\$ scmictl (.*)\n((?: {4}.*\n)*)/g;

test("the investigation works as it is typed", { timeout: 60_000 }, async () => {
  const page = readFileSync(PAGE, "utf8");
  const [section = ""] = SECTION.exec(page) ?? [];
  const steps = [...section.matchAll(STEP)];
  expect(steps.length).toBeGreaterThan(6);
  let updated = section;
  for (const [block, typed = "", shown = ""] of steps) {
    const { stdout, stderr } = await scmictl(wordsOf(typed), { cwd: log.folder });
    const given = steady(stdout + stderr)
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}\n`)
      .join("");
    if (isUpdate) updated = updated.replace(block, () => `\n    $ scmictl ${typed}\n${given}`);
    else expect(given, typed).toBe(steady(shown));
  }
  if (isUpdate)
    writeFileSync(
      PAGE,
      page.replace(section, () => updated),
    );
});

function wordsOf(typed: string): string[] {
  return [...typed.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** What no two runs share: keys, roots, and how long it took. */
function steady(text: string): string {
  return text
    .replace(/two-guests\/[0-9a-f]{8}/g, "two-guests/872216be")
    .replace(/[0-9a-f]{64}/g, "4a1e…")
    .replace(/\d+ ms/g, "21 ms");
}

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
