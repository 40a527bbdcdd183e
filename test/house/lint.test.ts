import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

/** What the linter must notice: a file, what stands in it, and the rule or words that the complaint names. */
const FAULTS: readonly (readonly [file: string, source: string, complaint: string])[] = [
  ["src/machine/random.ts", "export const x = Math.random();", "no clock and no randomness"],
  ["src/machine/now.ts", "export const x = Date.now();", "no clock and no randomness"],
  ["src/machine/date.ts", "export const x = new Date();", "no clock and no randomness"],
  ["src/scmi/process.ts", 'export const x = process.env["HOME"];', "noRestrictedGlobals"],
  ["src/scmi/buffer.ts", 'export const x = Buffer.from("x");', "noRestrictedGlobals"],
  ["src/config/node.ts", 'export { readFileSync } from "node:fs";', "noRestrictedImports"],
  ["src/base/a.ts", 'import { b } from "./b.ts";\nexport const a: number = b;', "noImportCycles"],
  ["src/base/b.ts", 'import { a } from "./a.ts";\nexport const b: number = a;', "noImportCycles"],
  ["src/api/floating.ts", 'import { work } from "#control/work.ts";\nwork();', "noFloatingPromises"],
  [
    "src/api/switch.ts",
    'import type { K } from "#control/work.ts";\nexport function f(k: K) {\n  switch (k) {\n    case "a":\n      return 1;\n  }\n}',
    "useExhaustiveSwitchCases",
  ],
];

const ALLOWED: readonly (readonly [file: string, source: string])[] = [
  ["src/control/work.ts", 'export type K = "a" | "b";\nexport async function work(): Promise<void> {}'],
  ["src/control/now.ts", "export const x = Date.now() + Math.random();"],
  ["src/machine/time.ts", "export const x = new Date(5).toISOString();"],
];

const folder = mkdtempSync(join(tmpdir(), "lint-"));
let complaints: string[] = [];

beforeAll(() => {
  for (const name of ["package.json", "tsconfig.json", "test/house/pure-rooms.grit"]) {
    cpSync(name, join(folder, name));
  }
  const config = JSON.parse(readFileSync("biome.json", "utf8"));
  writeFileSync(join(folder, "biome.json"), JSON.stringify({ ...config, vcs: { enabled: false } }));
  for (const [file, source] of [...FAULTS, ...ALLOWED]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `${source}\n`);
  }
  const args = ["lint", "--reporter=github", "--max-diagnostics=none", "src"];
  const { stdout } = spawnSync(resolve("node_modules/.bin/biome"), args, { cwd: folder, encoding: "utf8" });
  complaints = stdout.split("\n").filter((line) => line.startsWith("::"));
});

afterAll(() => rmSync(folder, { recursive: true }));

test.each(FAULTS)("the linter notices %s", (file, _source, complaint) => {
  expect(complaints.filter((line) => line.includes(`/${file},`)).join("\n")).toContain(complaint);
});

test.each(ALLOWED)("the linter lets %s through", (file) => {
  expect(complaints.filter((line) => line.includes(`/${file},`))).toEqual([]);
});
