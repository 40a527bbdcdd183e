import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PROBLEMS } from "#base/problems.ts";
import { PAGES } from "../../scripts/docs-pages.ts";

test.each(Object.entries(PAGES))("%s is what npm run docs makes of the code", (file, page) => {
  expect(readFileSync(file, "utf8")).toBe(page());
});

test("docs/problems.md lists every code, and no other", () => {
  const page = readFileSync("docs/problems.md", "utf8");
  const listed = [...page.matchAll(/^## (.+)$/gm)].map((match) => match[1]);
  expect(listed).toEqual(Object.keys(PROBLEMS));
});

test("codes are kebab-case, and every problem has a hint", () => {
  for (const [code, { hint }] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(hint).toMatch(/\S\.$/);
  }
});

test.each(["README.md", "docs/architecture.md", "docs/benchmarks.md", "docs/operating.md"])(
  "every file that %s names is there",
  (page) => {
    const named = readFileSync(page, "utf8").matchAll(
      /`((?:src|test|migrations|scripts|examples|bench)\/[\w./-]+)`/g,
    );
    expect([...named].map((match) => match[1] as string).filter((path) => !existsSync(path))).toEqual([]);
  },
);
