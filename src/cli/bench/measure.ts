import { mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Control } from "#control/control.ts";
import { stateAt } from "#replay/travel.ts";
import { verify } from "#replay/verify.ts";
import { type Database, openForReading } from "#store/database.ts";
import { type AppendRate, appendRates } from "./append.ts";
import { forwardedSmc, openExample, REQUESTER } from "./example.ts";
import { percentile } from "./turns.ts";

/** What is to be measured. */
export interface BenchRequest {
  /** A folder on the disk that is meant. */
  readonly dir: string;
  /** Rounds that each rate is the median of. */
  readonly rounds: number;
  /** Events in the log that is verified and travelled in, at the least. */
  readonly events: number;
  /** Moments that the state is asked for. */
  readonly moments: number;
}

/** What was measured: rates a second, and the shares of what the machine allows. */
export interface BenchReport {
  readonly dir: string;
  readonly append: readonly (AppendRate & { readonly ofBound: number })[];
  /** Deciding again; by the clock, and by the processor's time, which neighbours change less. */
  readonly verify: {
    readonly commands: number;
    readonly perSecond: number;
    readonly perProcessorSecond: number;
  };
  readonly stateAt: {
    readonly events: number;
    readonly moments: number;
    readonly medianMs: number;
    readonly p99Ms: number;
  };
  /** Bytes of the log's file for each event. */
  readonly bytesPerEvent: number;
}

const TOGETHER = 256;

/**
 * Measures this program on a disk: the example board on a log in a folder of its own, which is gone afterwards.
 *
 * @returns `file-unwritable` where there can be no such folder
 */
export async function bench(request: BenchRequest): Promise<BenchReport | Problem> {
  const folder = ownFolder(request.dir);
  if (isProblem(folder)) return folder;
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const interrupted = (): void => {
    remove();
    process.exit(130);
  };
  process.once("SIGINT", interrupted);
  try {
    return await measured(request, folder);
  } finally {
    process.off("SIGINT", interrupted);
    remove();
  }
}

function ownFolder(dir: string): string | Problem {
  try {
    return mkdtempSync(join(dir, "scmi-bench-"));
  } catch (error) {
    return problem("file-unwritable", { file: dir, why: (error as Error).message });
  }
}

async function measured(request: BenchRequest, folder: string): Promise<BenchReport | Problem> {
  const { dir, rounds } = request;
  const file = join(folder, "bench.db");
  const control = await openExample(file);
  if (isProblem(control)) return control;
  const append = await appendRates(control, folder, rounds);
  await grow(control, request.events);
  await control.close();
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    return {
      dir,
      append: append.map((rates) => ({ ...rates, ofBound: rates.perSecond / rates.boundPerSecond })),
      verify: verifyRate(db),
      stateAt: travelTimes(db, control.headSeq, request.moments),
      bytesPerEvent: statSync(file).size / control.headSeq,
    };
  } finally {
    db.close();
  }
}

async function grow(control: Control, events: number): Promise<void> {
  const command = forwardedSmc(1);
  while (control.headSeq < events) {
    await Promise.all(Array.from({ length: TOGETHER }, () => control.submit(command, REQUESTER)));
  }
}

function verifyRate(db: Database): BenchReport["verify"] {
  const beganMs = performance.now();
  const used = process.cpuUsage();
  const report = verify(db);
  if (isProblem(report) || report.divergenceCount > 0)
    throw new Error("the log of the bench does not verify");
  const { user, system } = process.cpuUsage(used);
  const { commands } = report;
  return {
    commands,
    perSecond: (commands * 1000) / (performance.now() - beganMs),
    perProcessorSecond: (commands * 1e6) / (user + system),
  };
}

/** A prime far from any distance of snapshots, so that the moments lie all over the log. */
const STRIDE = 7919 * 131;

function travelTimes(db: Database, events: number, moments: number): BenchReport["stateAt"] {
  const times = Array.from({ length: moments }, (_, i) => {
    const beganMs = performance.now();
    stateAt(db, 1 + ((i * STRIDE) % events));
    return performance.now() - beganMs;
  });
  return { events, moments, medianMs: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}
