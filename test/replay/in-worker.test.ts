import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isProblem } from "#base/problem.ts";
import { diffOf, stateOf, verifyLog } from "#replay/in-worker.ts";
import { workerBeside } from "#replay/thread.ts";
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
  const report = await verifyLog(file, { program: "test", onProgress: () => (told += 1) });
  expect(report).toMatchObject({
    divergences: [],
    divergenceCount: 0,
    cause: null,
    next: null,
    durationMs: expect.any(Number),
  });
  expect(told).toBeGreaterThan(0);
  expect(await stateOf(file, 3)).toEqual(reading((db) => stateAt(db, 3)));
  expect(await diffOf(file, 1, 7)).toEqual(reading((db) => diffStates(db, 1, 7)));
});

test("a thread refuses what this one would, and problems keep their class on the way", async () => {
  const refusal = await stateOf(file, 999);
  expect(isProblem(refusal) && refusal.code).toBe("position-out-of-range");
  expect(await verifyLog(file, { program: "test", from: 0 })).toMatchObject({
    code: "position-out-of-range",
  });
  expect(await stateOf(join(folder.path, "none.db"), 1)).toMatchObject({ code: "log-not-found" });
});

test("a bug in the thread comes back as a problem", async () => {
  const refusal = await stateOf(file, 3n as unknown as number);
  expect(isProblem(refusal) && refusal.code).toBe("internal-error");
});

test("more are asked for than there are threads: all are answered", async () => {
  const states = await Promise.all([1, 2, 3, 4, 5].map((at) => stateOf(file, at)));
  expect(states.map((state) => (isProblem(state) ? state.code : state.at))).toEqual([1, 2, 3, 4, 5]);
});

test("a thread that has answered is asked again; one that failed is not", async () => {
  const started = () => {
    const worker = new Worker("", { eval: true });
    void worker.terminate();
    return worker.threadId;
  };
  await stateOf(file, 1);
  const before = started();
  for (const at of [2, 3, 999]) await stateOf(file, at);
  expect(started() - before).toBe(1);
  await stateOf(file, 3n as unknown as number);
  expect(await stateOf(file, 4)).toMatchObject({ at: 4 });
});

test("a short question goes to a thread that has answered one before", async () => {
  await stateOf(file, 1);
  const before = await nextThreadId();
  for (const at of [2, 3, 4]) expect(await stateOf(file, at)).toMatchObject({ at });
  expect(await nextThreadId()).toBe(before + 1);
});

/** Threads are numbered as they are started. */
async function nextThreadId(): Promise<number> {
  const worker = new Worker("", { eval: true });
  const { threadId } = worker;
  await worker.terminate();
  return threadId;
}

test("what is no longer wanted ends at once, before and after it began", async () => {
  const controller = new AbortController();
  const running = verifyLog(file, { program: "test", signal: controller.signal });
  controller.abort();
  expect(await running).toMatchObject({ code: "shutting-down" });
  expect(await verifyLog(file, { program: "test", signal: controller.signal })).toMatchObject({
    code: "shutting-down",
  });
});

test.each([
  ["file:///src/log/src/replay/in-worker.ts", "file:///src/log/dist/replay/replay.worker.js"],
  ["file:///src/log/dist/replay/in-worker.js", "file:///src/log/dist/replay/replay.worker.js"],
])("beside %s the worker is the built one", (beside, worker) => {
  expect(workerBeside("replay.worker", beside).href).toBe(worker);
});
