import { afterAll, beforeAll, expect, test } from "vitest";
import { plantedBugs } from "../support/planted-bugs.ts";
import { runTyped } from "../support/typed-page.ts";

let logs: Awaited<ReturnType<typeof plantedBugs>>;
beforeAll(async () => {
  logs = await plantedBugs();
});
afterAll(() => logs.remove());

test("three bugs are found as docs/debugging.md types it", { timeout: 60_000 }, async () => {
  expect(await runTyped("docs/debugging.md", "## Three bugs", logs.folder)).toBeGreaterThan(7);
});

test("what changed is told as docs/debugging.md shows it", async () => {
  expect(await runTyped("docs/debugging.md", "## What changed, in words", logs.folder)).toBe(1);
});
