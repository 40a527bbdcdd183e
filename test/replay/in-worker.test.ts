import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { stateOf } from "#replay/in-worker.ts";
import { diffStates, stateAt } from "#replay/travel.ts";
import { type Database, openForReading, openForWriting } from "#store/database.ts";
import { Recording } from "../support/recording.ts";
import { hostWith } from "../support/scenario.ts";
import { scratchFolder } from "../support/scmictl.ts";

const folder = scratchFolder();
const file = join(folder.path, "host.db");

beforeAll(() => {
  const db = openForWriting(file);
  if (isProblem(db)) throw new Error(db.detail);
  const log = new Recording(hostWith(), { db });
  for (let i = 0; i < 5; i += 1) log.do({ kind: "agent.reset", agentId: 2, permissions: true });
  db.close();
});
afterAll(() => folder.remove());

// As built, which is how it is run and how threads start quickly.
const BUILT = pathToFileURL("dist/replay/in-worker.js").href;
let built: typeof import("#replay/in-worker.ts");

beforeAll(async () => {
  built = await import(/* @vite-ignore */ BUILT);
});

function reading<T>(read: (db: Database) => T): T {
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  try {
    return read(db);
  } finally {
    db.close();
  }
}

test("a thread answers what this one would", async () => {
  let told = 0;
  const report = await built.verifyLog(file, { onProgress: () => (told += 1) });
  expect(report).toMatchObject({ divergences: [], divergenceCount: 0, durationMs: expect.any(Number) });
  expect(told).toBeGreaterThan(0);
  expect(await built.stateOf(file, 3)).toEqual(reading((db) => stateAt(db, 3)));
  expect(await built.diffOf(file, 1, 7)).toEqual(reading((db) => diffStates(db, 1, 7)));
});

test("a thread refuses what this one would, and problems keep their class on the way", async () => {
  const refusal = await built.stateOf(file, 999);
  expect(isProblem(refusal) && refusal.code).toBe("position-out-of-range");
  expect(await built.verifyLog(file, { from: 0 })).toMatchObject({ code: "position-out-of-range" });
  expect(await built.stateOf(join(folder.path, "none.db"), 1)).toMatchObject({ code: "log-not-found" });
});

test("a bug in the thread comes back as a problem", async () => {
  const refusal = await built.stateOf(file, 3n as unknown as number);
  expect(isProblem(refusal) && refusal.code).toBe("internal-error");
});

test("more are asked for than there are threads: all are answered", async () => {
  const states = await Promise.all([1, 2, 3, 4, 5].map((at) => built.stateOf(file, at)));
  expect(states.map((state) => (isProblem(state) ? state.code : state.at))).toEqual([1, 2, 3, 4, 5]);
});

test("what is no longer wanted ends at once, before and after it began", async () => {
  const controller = new AbortController();
  const running = built.verifyLog(file, { signal: controller.signal });
  controller.abort();
  expect(await running).toMatchObject({ code: "shutting-down" });
  expect(await built.verifyLog(file, { signal: controller.signal })).toMatchObject({ code: "shutting-down" });
});

test("threads start from the TypeScript sources too", async () => {
  expect(await stateOf(file, 3)).toEqual(reading((db) => stateAt(db, 3)));
});
