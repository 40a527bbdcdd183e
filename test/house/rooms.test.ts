import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";

/** The rooms of src/ and who may import whom: imports run downwards only. `"*"` is every room. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  scmi: ["base"],
  config: ["base"],
  inputs: ["base", "config"],
  events: ["base", "scmi", "config"],
  mediator: ["base", "scmi", "config", "events"],
  firmware: ["base", "scmi", "config", "events"],
  machine: ["base", "scmi", "config", "events", "mediator", "firmware"],
  store: ["base", "events"],
  audit: ["base", "events", "store"],
  // Projections read boards and the device tree that host.configured holds.
  projections: ["base", "scmi", "config", "events", "store"],
  // An edited log is known by the leaves of its audit tree.
  replay: ["base", "events", "machine", "store", "audit", "projections"],
  // Control is handed a description of config, and starts with the rebuild that replay has.
  control: ["base", "config", "events", "machine", "store", "audit", "projections", "replay"],
  // Answers with the events that they follow from, for people who do not trust us.
  evidence: ["base", "config", "events", "store", "audit", "projections", "replay"],
  // A second machine, which knows of logs only what their checkpoints say.
  witness: ["base", "store", "audit"],
  simulate: ["base", "scmi", "config", "events", "machine", "store", "replay"],
  traces: ["base", "scmi", "config", "events", "machine", "store", "replay"],
  attach: ["base", "scmi", "control"],
  api: ["base", "config", "events", "projections", "audit", "evidence", "control", "replay", "simulate"],
  cli: ["*"],
};

/** No `node:*`, clock, randomness or database; even the hash function is handed in. */
const PURE = ["base", "scmi", "config", "events", "firmware", "mediator", "machine"];

/** The npm packages that a pure room may use. */
const PACKAGES_OF_PURE: Readonly<Record<string, readonly string[]>> = {
  config: ["zod", "yaml"],
  events: ["zod", "yaml"],
  machine: ["zod"],
};

/** Packages that belong to one room. */
const PACKAGE_HOMES: readonly { readonly name: RegExp; readonly room: string }[] = [
  { name: /^better-sqlite3$/, room: "store" },
  { name: /^(fastify|@fastify\/.*|fastify-.*)$/, room: "api" },
];

/** The directories of test/ that mirror no room. */
const TEST_DIRECTORIES = ["scenarios", "golden", "house", "support"];

const IMPORT = /^(?:import|export)\b[^"']*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"/gm;

/** What is wrong with a file of src/, as lines for a person to read. */
function complaints(file: string, source: string): string[] {
  const [, room = "", ...rest] = file.split("/");
  const allowed = ROOMS[room];
  if (allowed === undefined || rest.length === 0) return [`${file} lives in no room`];

  return [...source.matchAll(IMPORT)].flatMap((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? "";
    const why = refusal({ file, room, allowed, specifier });
    return why === null ? [] : [`${file} imports ${specifier}: ${why}`];
  });
}

interface Import {
  readonly file: string;
  readonly room: string;
  readonly allowed: readonly string[];
  readonly specifier: string;
}

function refusal({ file, room, allowed, specifier }: Import): string | null {
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(file), specifier);
    return target.startsWith(`src/${room}/`) ? null : "across rooms, write #room/file.ts";
  }
  if (specifier.startsWith("#")) {
    const target = specifier.slice(1).split("/")[0] ?? "";
    if (!(target in ROOMS)) return "there is no such room";
    if (target === room) return "inside a room, write ./file.ts";
    return allowed.includes("*") || allowed.includes(target) ? null : `${room} may not import ${target}`;
  }
  const isNode = specifier.startsWith("node:");
  if (PURE.includes(room) && isNode) return `${room} is pure`;
  if (PURE.includes(room) && !PACKAGES_OF_PURE[room]?.includes(specifier)) {
    return `${room} is pure, and may not use this package`;
  }
  const home = PACKAGE_HOMES.find(({ name }) => name.test(specifier))?.room;
  return home === undefined || home === room ? null : `only ${home} may import it`;
}

// Paths here are relative to the repository, where vitest runs.
const sources = readdirSync("src", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => posix.join(entry.parentPath, entry.name));

test("every file lives in a room, and imports only what its room may", () => {
  expect(sources.length).toBeGreaterThan(0);
  expect(sources.flatMap((file) => complaints(file, readFileSync(file, "utf8")))).toEqual([]);
});

test("imports between rooms cannot form a cycle", () => {
  const done = new Set<string>();
  let before = -1;
  while (done.size > before) {
    before = done.size;
    for (const [room, imports] of Object.entries(ROOMS)) {
      if (imports.every((other) => other === "*" || done.has(other))) done.add(room);
    }
  }
  expect(Object.keys(ROOMS).filter((room) => !done.has(room))).toEqual([]);
});

test("test/ mirrors the rooms", () => {
  const known = [...Object.keys(ROOMS), ...TEST_DIRECTORIES];
  expect(readdirSync("test").filter((name) => !known.includes(name))).toEqual([]);
});

test.each([
  ["src/loose.ts", "", "lives in no room"],
  ["src/attic/a.ts", "", "lives in no room"],
  ["src/scmi/a.ts", 'import type { X } from "#firmware/b.ts";', "scmi may not import firmware"],
  ["src/firmware/a.ts", 'import {\n  a,\n  b,\n} from "#mediator/b.ts";', "firmware may not import mediator"],
  ["src/store/a.ts", 'export * from "#machine/b.ts";', "store may not import machine"],
  ["src/base/a.ts", 'import "#attic/b.ts";', "there is no such room"],
  ["src/base/a.ts", 'import { x } from "#base/b.ts";', "inside a room, write ./file.ts"],
  ["src/store/a.ts", 'import { x } from "../base/b.ts";', "across rooms, write #room/file.ts"],
  ["src/machine/a.ts", 'import { readFileSync } from "node:fs";', "machine is pure"],
  ["src/scmi/a.ts", 'import { z } from "zod";', "scmi is pure, and may not use this package"],
  ["src/config/a.ts", 'const x = await import("fast-json-patch");', "config is pure"],
  ["src/projections/a.ts", 'import type Database from "better-sqlite3";', "only store may import it"],
  ["src/cli/a.ts", 'import fastify from "fastify";', "only api may import it"],
])("a fault in %s is found", (file, source, why) => {
  expect(complaints(file, source).join()).toContain(why);
});

test("what is allowed is let through", () => {
  const source = [
    'import { isProblem } from "#base/problem.ts";',
    'import { z } from "zod";',
    'import { scan } from "./scan.ts";',
    'import { fdt } from "../fdt.ts";',
  ].join("\n");
  expect(complaints("src/config/xl/parse.ts", source)).toEqual([]);
});
