import { statSync } from "node:fs";
import { join } from "node:path";
import { isProblem } from "#base/problem.ts";
import { REQUESTER } from "#cli/bench/example.ts";
import { percentile, rate } from "#cli/bench/turns.ts";
import { bisect } from "#replay/bisect.ts";
import { stateAt } from "#replay/travel.ts";
import { verify } from "#replay/verify.ts";
import { LogReader } from "#store/log-reader.ts";
import { benchDebug } from "./debug.ts";
import { fold, opened, taken } from "./fold.ts";
import { EVENTS, inFolder, openExample } from "./host.ts";
import { benchMemory } from "./memory.ts";
import { report } from "./report.ts";
import { mixedTraffic } from "./traffic.ts";

const BATCH = 256;
/** Moments all over the log that the state is asked for; as many before them do not count. */
const MOMENTS = 500;
const STRIDE = 7919 * 131;

/**
 * Expressions that hold before the first boot and never after it, so that the whole log is looked at: of a cell that nothing changes, of one that
 * guests change all the time, of all rows of a table, and of what the functions find.
 */
const EXPRESSIONS = [
  "not host[0].epoch >= 1",
  "firmware.clock[104].enabled == null",
  "count(firmware.clock) == 0",
  "findings() == 0 and not allowed(2, 4)",
];

/** What somebody who debugs asks of a long log of mixed traffic: by processor time, and beside the bare fold. */
export async function benchDebugging(): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "mixed.db");
    const head = await growMixed(file);
    report("file, bytes an event of mixed traffic", statSync(file).size / head, "≤ 300", `${head} events`);
    const foldPerSecond = foldRate(file);
    verifyMixed(file, foldPerSecond);
    travel(file, foldPerSecond);
    for (const expression of EXPRESSIONS) bisectFor(file, expression, foldPerSecond);
    benchDebug(file);
    await benchMemory(file);
  });
}

async function growMixed(file: string): Promise<number> {
  const control = await openExample(file);
  const next = mixedTraffic();
  while (control.headSeq < EVENTS) {
    await Promise.all(Array.from({ length: BATCH }, () => control.submit(next(), REQUESTER)));
  }
  await control.close();
  return control.headSeq;
}

/** Events a second of processor time. */
function foldRate(file: string): number {
  const db = opened(file);
  const reader = new LogReader(db);
  const head = reader.headSeq();
  const { cpuMs } = taken(() => fold(reader));
  db.close();
  return (head * 1000) / cpuMs;
}

function verifyMixed(file: string, foldPerSecond: number): void {
  const db = opened(file);
  const { result, ms, cpuMs } = taken(() => verify(db));
  if (isProblem(result) || result.divergenceCount > 0) throw new Error(JSON.stringify(result));
  const perSecond = (result.commands * 1000) / cpuMs;
  const details = `${rate(perSecond)} of ${rate(foldPerSecond)}; ${rate((result.commands * 1000) / ms)} by the clock`;
  report("verify mixed traffic, thousands of commands a second", perSecond / 1000, "≥ 100", details);
  db.close();
}

function travel(file: string, foldPerSecond: number): void {
  const db = opened(file);
  const head = new LogReader(db).headSeq();
  const times = Array.from({ length: 2 * MOMENTS }, (_, i) =>
    taken(() => stateAt(db, 1 + ((i * STRIDE) % head))),
  ).slice(MOMENTS);
  const byProcessor = times.map(({ cpuMs }) => cpuMs);
  const byClock = times.map(({ ms }) => ms);
  const details = `median ${percentile(byProcessor, 0.5).toFixed(1)}; ${percentile(byClock, 0.99).toFixed(1)} by the clock; folding all: ${((head * 1000) / foldPerSecond).toFixed(0)}`;
  report("state --at, ms at the 99th percentile", percentile(byProcessor, 0.99), "≤ 20", details);
  db.close();
}

function bisectFor(file: string, expression: string, foldPerSecond: number): void {
  const db = opened(file);
  const bad = new LogReader(db).headSeq();
  const { result, ms, cpuMs } = taken(() => bisect(db, { good: 1, bad, expect: expression }));
  if (isProblem(result)) throw new Error(result.detail);
  const seconds = cpuMs / 1000;
  const details = `${(seconds / (bad / foldPerSecond)).toFixed(2)} of the bare fold's time; ${(ms / 1000).toFixed(1)} by the clock`;
  report(`bisect, s: ${expression}`, seconds, "≤ 2", details);
  db.close();
}
