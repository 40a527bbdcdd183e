import { Worker, type WorkerOptions } from "node:worker_threads";
import { isProblem, Problem, problem } from "#base/problem.ts";
import type { BisectReport, BisectRequest } from "./bisect.ts";
import type { StateAt, StateDiff } from "./travel.ts";
import type { Progress, VerifyOptions, VerifyReport } from "./verify.ts";

/**
 * Replay in a thread of its own, with its own connection that cannot write, so that the server goes on answering meanwhile. A bug
 * there comes back as the problem `internal-error`, like any other refusal.
 */

/** What a worker is asked for. */
export type ReplayTask = { readonly file: string } & (
  | { readonly kind: "verify"; readonly from?: number | undefined; readonly to?: number | undefined }
  | { readonly kind: "state"; readonly at: number }
  | { readonly kind: "diff"; readonly from: number; readonly to: number }
  | ({ readonly kind: "bisect" } & BisectRequest)
);

/** What it answers: progress any number of times, then one of the others. */
export type FromWorker =
  | { readonly progress: Progress }
  | { readonly problem: Pick<Problem, "code" | "detail" | "hint" | "errno" | "seq"> }
  | { readonly result: unknown };

export interface VerifyLogOptions extends VerifyOptions {
  /** Ends the work; it is then refused as `shutting-down`. */
  readonly signal?: AbortSignal | undefined;
}

/** {@link VerifyReport}, and how long it took. */
export interface TimedReport extends VerifyReport {
  readonly durationMs: number;
}

/** Verifies the log at `file`; see `verify`. */
export async function verifyLog(
  file: string,
  { from, to, onProgress, signal }: VerifyLogOptions = {},
): Promise<TimedReport | Problem> {
  const beganMs = performance.now();
  const report = await inWorker<VerifyReport>({ kind: "verify", file, from, to }, onProgress, signal);
  if (isProblem(report)) return report;
  return { ...report, durationMs: Math.round(performance.now() - beganMs) };
}

/** The state at a moment of the log at `file`; see `stateAt`. */
export function stateOf(file: string, at: number): Promise<StateAt | Problem> {
  return inWorker<StateAt>({ kind: "state", file, at });
}

/** What differs between two moments of the log at `file`; see `diffStates`. */
export function diffOf(file: string, from: number, to: number): Promise<StateDiff | Problem> {
  return inWorker<StateDiff>({ kind: "diff", file, from, to });
}

/** The first event that made an expression false in the log at `file`; see `bisect`. */
export function bisectLog(file: string, request: BisectRequest): Promise<BisectReport | Problem> {
  return inWorker<BisectReport>({ kind: "bisect", file, ...request });
}

/** Threads at work, and those who wait for one of them to end. */
const THREADS_MAX = 2;
let threads = 0;
const waiting: (() => void)[] = [];

async function inWorker<Result>(
  task: ReplayTask,
  onProgress: (progress: Progress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Result | Problem> {
  while (threads >= THREADS_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
  threads += 1;
  try {
    return signal?.aborted === true
      ? problem("shutting-down", {})
      : await performed(task, onProgress, signal);
  } finally {
    threads -= 1;
    waiting.shift()?.();
  }
}

function performed<Result>(
  task: ReplayTask,
  onProgress: (progress: Progress) => void,
  signal: AbortSignal | undefined,
): Promise<Result | Problem> {
  return new Promise((resolve) => {
    const worker = new Worker(WORKER, { ...OPTIONS, workerData: task });
    const end = (): void => {
      resolve(problem("shutting-down", {}));
      void worker.terminate();
    };
    signal?.addEventListener("abort", end, { once: true });
    worker.on("message", (message: FromWorker) => {
      if ("progress" in message) onProgress(message.progress);
      else resolve("problem" in message ? problemFrom(message.problem) : (message.result as Result));
    });
    worker.on("error", (error) => resolve(problem("internal-error", { what: error.message })));
    worker.on("exit", (code) => {
      signal?.removeEventListener("abort", end);
      // Where it has answered already, this says nothing any more.
      resolve(problem("internal-error", { what: `the replay thread ended with ${code} and no answer` }));
    });
  });
}

function problemFrom({
  code,
  detail,
  hint,
  errno,
  seq,
}: Extract<FromWorker, { problem: unknown }>["problem"]): Problem {
  return new Problem(code, detail, hint, errno, seq);
}

/** Built, the worker lies beside this file as JavaScript. In tests both are TypeScript, for which the thread needs tsx first. */
const IS_SOURCE = import.meta.url.endsWith(".ts");
const WORKER = IS_SOURCE ? sourceWorker() : new URL("./replay.worker.js", import.meta.url);
const OPTIONS: WorkerOptions = { execArgv: IS_SOURCE ? ["--conditions=scmi-source"] : [] };

function sourceWorker(): URL {
  const tsx = import.meta.resolve("tsx/esm/api");
  const worker = new URL("./replay.worker.ts", import.meta.url).href;
  const code = `import { register } from "${tsx}"; register(); await import("${worker}");`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
