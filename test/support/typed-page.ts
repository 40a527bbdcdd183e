import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { inProcess } from "./in-process.ts";

/** A command as typed, and behind it the answer that the page shows. */
const STEP = /\n {4}\$ scmictl (.*)\n((?: {4}.*\n)*)/g;

/**
 * Runs every command of a page's section as it is typed there, and compares the answers with those that it shows. UPDATE_PAGES=1
 * writes the answers into the page instead.
 *
 * @param heading of the section, e.g. `## An investigation`
 * @param folder where the commands are run
 */
export async function runTyped(page: string, heading: string, folder: string): Promise<number> {
  const text = readFileSync(page, "utf8");
  const start = text.indexOf(`\n${heading}\n`);
  expect(start, `${page} has a section ${heading}`).toBeGreaterThan(-1);
  const end = text.indexOf("\n## ", start + 1);
  const section = text.slice(start, end === -1 ? text.length : end);
  const steps = [...section.matchAll(STEP)];
  let updated = section;
  for (const [block, typed = "", shown = ""] of steps) {
    const { stdout, stderr } = await inProcess(wordsOf(typed), { cwd: folder });
    const given = steady(stdout + stderr)
      .trimEnd()
      .split("\n")
      .map((line) => `    ${line}\n`)
      .join("");
    if (process.env["UPDATE_PAGES"] === undefined) expect(given, typed).toBe(steady(shown));
    else updated = updated.replace(block, () => `\n    $ scmictl ${typed}\n${given}`);
  }
  if (updated !== section)
    writeFileSync(
      page,
      text.replace(section, () => updated),
    );
  return steps.length;
}

function wordsOf(typed: string): string[] {
  return [...typed.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");
}

/** What no two runs share: keys, roots, and how long it took. */
function steady(text: string): string {
  return text
    .replace(/two-guests\/[0-9a-f]{8}/g, "two-guests/872216be")
    .replace(/[0-9a-f]{64}/g, "4a1e…")
    .replace(/\b(recorded|replayed) by \d+\.\d+\.\d+/g, "$1 by 0.2.0")
    .replace(/\d+ ms/g, "21 ms");
}
