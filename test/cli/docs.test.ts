import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inProcess } from "../support/in-process.ts";

const PAGE = readFileSync("docs/operating.md", "utf8");

/** Verbs that a help text lists, those of commander's own left out. */
function verbsOf(help: string): string[] {
  const section = help.slice(help.indexOf("\nCommands:"));
  return [...section.matchAll(/^ {2}([a-z]+)\b/gm)]
    .map(([, verb]) => verb as string)
    .filter((verb) => verb !== "help");
}

test("docs/operating.md tells of every verb", async () => {
  const verbs = verbsOf((await inProcess(["--help"])).stdout);
  expect(verbs.length).toBeGreaterThan(15);
  const untold: string[] = [];
  for (const verb of verbs) {
    if (!new RegExp(`^\\| .*\`${verb}\\b`, "m").test(PAGE)) untold.push(verb);
    const { stdout } = await inProcess([verb, "--help"]);
    for (const below of stdout.includes("\nCommands:") ? verbsOf(stdout) : []) {
      if (!new RegExp(`\`(${verb} )?${below}\\b`).test(PAGE)) untold.push(`${verb} ${below}`);
    }
  }
  expect(untold).toEqual([]);
});

test("docs/operating.md tells of every option of serve", async () => {
  const { stdout } = await inProcess(["serve", "--help"]);
  const options = [...stdout.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option as string);
  for (const option of options.filter((name) => !["--help", "--version"].includes(name)))
    expect(PAGE).toContain(`\`${option}`);
});
