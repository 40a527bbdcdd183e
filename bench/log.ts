import { statSync } from "node:fs";
import { join } from "node:path";
import { forwardedSmc, REQUESTER } from "#cli/bench/example.ts";
import { median, rate } from "#cli/bench/turns.ts";
import { verify } from "#replay/verify.ts";
import { LogReader } from "#store/log-reader.ts";
import { fold, opened, perSecond } from "./fold.ts";
import { EVENTS, inFolder, openExample } from "./host.ts";
import { benchQuestions } from "./questions.ts";
import { report } from "./report.ts";

const BATCH = 256;
const MIB = 1024 * 1024;

/** What a long log costs: growing it, reading it, verifying it, starting on it. */
export async function benchLog(): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "long.db");
    await grow(file);
    readBack(file);
    await verifyBack(file);
    await starts(folder, file);
    await benchQuestions(file);
  });
}

async function grow(file: string): Promise<void> {
  const control = await openExample(file);
  const command = forwardedSmc(1);
  const before = statSync(file).size;
  const first = control.headSeq;
  const samples: number[] = [];
  while (control.headSeq < first + EVENTS) {
    await Promise.all(Array.from({ length: BATCH }, () => control.submit(command, REQUESTER)));
    if (control.headSeq % (BATCH * 100) < BATCH) samples.push(resident());
  }
  const events = control.headSeq - first;
  await control.close();
  const half = Math.floor(samples.length / 2);
  const growth = (Math.max(...samples.slice(half)) - Math.max(...samples.slice(0, half))) / MIB;
  report("memory while appending, MiB more in the second half", growth, "≤ 64", `${events} events`);
  report(
    "file, bytes a forwarded SMC",
    (statSync(file).size - before) / events,
    "≤ 300",
    `${(statSync(file).size / MIB).toFixed(0)} MiB`,
  );
}

function resident(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().rss;
}

/** Refold (decode and fold every event) beside one SQL aggregate over the same rows. */
function readBack(file: string): void {
  const db = opened(file);
  const aggregates: number[] = [];
  const folds: number[] = [];
  const reader = new LogReader(db);
  for (let round = 0; round < 3; round += 1) {
    aggregates.push(
      perSecond(reader.headSeq(), () => db.prepare("SELECT sum(length(body)), max(time) FROM events").get()),
    );
    folds.push(perSecond(reader.headSeq(), () => fold(reader)));
  }
  const aggregate = median(aggregates);
  report(
    "refold, of one SQL aggregate",
    median(folds) / aggregate,
    "≥ 0.35",
    `${rate(median(folds))} of ${rate(aggregate)}`,
  );
  db.close();
}

async function verifyBack(file: string): Promise<void> {
  const db = opened(file);
  const reader = new LogReader(db);
  const commands = reader.headCommand();
  let report_: unknown;
  const verified = perSecond(commands, () => {
    report_ = verify(db);
  });
  const folded = perSecond(reader.headSeq(), () => fold(reader));
  const { divergenceCount } = report_ as { divergenceCount: number };
  report(
    "verify, of the bare fold",
    verified / folded,
    "≥ 0.25",
    `${rate(verified)} of ${rate(folded)}, ${divergenceCount} divergences`,
  );
  db.close();
}

/** Opening a long log beside opening one with a boot in it. */
async function starts(folder: string, file: string): Promise<void> {
  const short = join(folder, "short.db");
  await (await openExample(short)).close();
  const times = { short: [] as number[], long: [] as number[] };
  for (let round = 0; round < 7; round += 1) {
    times.short.push(await openTime(short));
    times.long.push(await openTime(file));
  }
  report(
    "start on a long log, of one on an empty log",
    median(times.long) / median(times.short),
    "≤ 1.5",
    `${median(times.long).toFixed(1)} ms of ${median(times.short).toFixed(1)} ms`,
  );
}

async function openTime(file: string): Promise<number> {
  const started = performance.now();
  const control = await openExample(file);
  const elapsed = performance.now() - started;
  await control.close();
  return elapsed;
}
