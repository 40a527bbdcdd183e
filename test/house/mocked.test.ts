import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";

/** What other files of the same worker would see: modules that were replaced, and a clock that stands still. */
const REPLACES = /\bvi\.(?:mock|doMock|resetModules|useFakeTimers)\(/;

test("whatever replaces modules is called *.mocked.test.ts, and has a worker to itself", () => {
  const files = readdirSync("test", { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts") && !name.startsWith("house/"))
    .map((name) => posix.join("test", name));
  const replacing = files.filter((file) => REPLACES.test(readFileSync(file, "utf8")));
  expect(replacing.length).toBeGreaterThan(0);
  expect(replacing.filter((file) => !file.endsWith(".mocked.test.ts"))).toEqual([]);
});
