import { isProblem, type Problem } from "#base/problem.ts";
import type { BisectReport, BisectRequest } from "./bisect.ts";
import type { DivergenceCause } from "./cause/likely-cause.ts";
import { inThread, type ThreadOptions, workerBeside } from "./thread.ts";
import type { StateAt, StateDiff } from "./travel.ts";
import type { Progress, VerifyOptions, VerifyReport } from "./verify.ts";

/** What a worker is asked for. */
export type ReplayTask = { readonly file: string } & (
  | {
      readonly kind: "verify";
      readonly from?: number | undefined;
      readonly to?: number | undefined;
      readonly program: string;
    }
  | { readonly kind: "state"; readonly at: number }
  | { readonly kind: "diff"; readonly from: number; readonly to: number }
  | ({ readonly kind: "bisect" } & BisectRequest)
);

export interface VerifyLogOptions extends VerifyOptions {
  /** Version of this program. */
  readonly program: string;
  readonly signal?: AbortSignal | undefined;
}

/** {@link VerifyReport} with where its first divergence most likely comes from, what to type next, and how long it took. */
export interface TimedReport extends VerifyReport {
  /** Null: there is no divergence. */
  readonly cause: DivergenceCause | null;
  readonly next: string | null;
  readonly durationMs: number;
}

const WORKER = workerBeside("replay.worker", import.meta.url);

/** Verifies the log at `file`; see `verify`. */
export async function verifyLog(
  file: string,
  { from, to, program, onProgress, signal }: VerifyLogOptions,
): Promise<TimedReport | Problem> {
  const beganMs = performance.now();
  const options: ThreadOptions<Progress> = { onProgress, signal, isLong: true };
  const task: ReplayTask = { kind: "verify", file, from, to, program };
  const report = await asked<Omit<TimedReport, "durationMs">>(task, options);
  if (isProblem(report)) return report;
  return { ...report, durationMs: Math.round(performance.now() - beganMs) };
}

/** The state at a moment of the log at `file`; see `stateAt`. */
export function stateOf(file: string, at: number, signal?: AbortSignal): Promise<StateAt | Problem> {
  return asked<StateAt>({ kind: "state", file, at }, { signal });
}

/** What differs between two moments of the log at `file`; see `diffStates`. */
export function diffOf(
  file: string,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<StateDiff | Problem> {
  return asked<StateDiff>({ kind: "diff", file, from, to }, { signal });
}

/** The first event that made an expression false in the log at `file`; see `bisect`. */
export function bisectLog(
  file: string,
  request: BisectRequest,
  signal?: AbortSignal,
): Promise<BisectReport | Problem> {
  return asked<BisectReport>({ kind: "bisect", file, ...request }, { signal });
}

function asked<Result>(task: ReplayTask, options: ThreadOptions<Progress>): Promise<Result | Problem> {
  return inThread<Result, Progress>(WORKER, task, options);
}
