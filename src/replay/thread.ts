import { parentPort, Worker } from "node:worker_threads";
import { isProblem, Problem, problem } from "#base/problem.ts";
import { damageOf } from "#store/damage.ts";
import { keepIdle, takeIdle } from "./idle-threads.ts";

/**
 * Work on a log in a thread of its own, with its own connection that cannot write, so that the server goes on answering meanwhile.
 * A bug there comes back as the problem `internal-error`, like any other refusal.
 */

/** What a thread tells: progress any number of times, then one of the others. */
type FromThread<Progress> =
  | { readonly progress: Progress }
  | { readonly problem: Pick<Problem, "code" | "detail" | "hint" | "errno" | "seq"> }
  | { readonly result: unknown };

export interface ThreadOptions<Progress> {
  /** Told no more often than ten times a second. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Ends the work; it is then refused as `shutting-down`. */
  readonly signal?: AbortSignal | undefined;
  /** Work that may take minutes: it waits for its like, and leaves the threads of short questions free. */
  readonly isLong?: boolean;
}

/** Progress is told no more often. */
const PROGRESS_MS = 100;
/** Threads at work of each length; others wait for one of them to end. */
const THREADS_MAX = 2;

class Line {
  #threads = 0;
  readonly #waiting: (() => void)[] = [];

  async enter(): Promise<void> {
    while (this.#threads >= THREADS_MAX) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#threads += 1;
  }

  leave(): void {
    this.#threads -= 1;
    this.#waiting.shift()?.();
  }
}

const LINES = { short: new Line(), long: new Line() };

/**
 * Has a task done by a worker file, which {@link serveThread} serves.
 *
 * @param worker from {@link workerBeside}
 * @param task anything that a thread can be sent
 */
export async function inThread<Result, Progress = never>(
  worker: URL,
  task: unknown,
  options: ThreadOptions<Progress> = {},
): Promise<Result | Problem> {
  const line = options.isLong === true ? LINES.long : LINES.short;
  await line.enter();
  try {
    if (options.signal?.aborted === true) return problem("shutting-down", {});
    return await performed<Result, Progress>(worker, task, options);
  } finally {
    line.leave();
  }
}

function performed<Result, Progress>(
  url: URL,
  task: unknown,
  { onProgress, signal, isLong }: ThreadOptions<Progress>,
): Promise<Result | Problem> {
  return new Promise((resolve) => {
    const worker = takeIdle(url) ?? new Worker(url, { execArgv: [] });
    const end = (answer: Result | Problem): void => {
      signal?.removeEventListener("abort", abort);
      resolve(answer);
      // Where it has ended or answered already, this does nothing any more.
      void worker.terminate();
    };
    const abort = (): void => end(problem("shutting-down", {}));
    signal?.addEventListener("abort", abort, { once: true });
    worker.on("message", (message: FromThread<Progress>) => {
      if ("progress" in message) {
        onProgress?.(message.progress);
        return;
      }
      const answer = "problem" in message ? problemFrom(message.problem) : (message.result as Result);
      if (isLong === true) {
        end(answer);
        return;
      }
      signal?.removeEventListener("abort", abort);
      keepIdle(url, worker);
      resolve(answer);
    });
    worker.on("error", (error) => end(problem("internal-error", { what: error.message })));
    worker.on("exit", (code) => {
      end(problem("internal-error", { what: `the replay thread ended with ${code} and no answer` }));
    });
    worker.postMessage(task);
  });
}

function problemFrom({
  code,
  detail,
  hint,
  errno,
  seq,
}: Extract<FromThread<never>, { problem: unknown }>["problem"]): Problem {
  return new Problem(code, detail, hint, errno, seq);
}

/** The thread's side: does one task after the other, and answers each. */
export function serveThread<Task extends { readonly file: string }, Progress = never>(
  perform: (task: Task, onProgress: (progress: Progress) => void) => unknown,
): void {
  parentPort?.on("message", (task: Task) => {
    let toldMs = 0;
    const onProgress = (progress: Progress): void => {
      const nowMs = performance.now();
      if (nowMs - toldMs < PROGRESS_MS) return;
      toldMs = nowMs;
      parentPort?.postMessage({ progress });
    };
    const result = performedOn(task.file, () => perform(task, onProgress));
    // Problems lose their class on the way; the other side gives it back.
    parentPort?.postMessage(isProblem(result) ? { problem: { ...result } } : { result });
  });
}

/** What the work comes to; a file that it finds damaged is a refusal. */
function performedOn(file: string, perform: () => unknown): unknown {
  try {
    return perform();
  } catch (error) {
    const damage = damageOf(error, file);
    if (damage !== undefined) return damage;
    throw error;
  }
}

/**
 * The worker that a file of this program has beside it, as it was built: the sources too, in tests, run the built one, because
 * a thread would have to compile all that it loads. Tests and benchmarks build first.
 *
 * @param name without its ending: `replay.worker`
 * @param beside the file's `import.meta.url`
 */
export function workerBeside(name: string, beside: string): URL {
  const built = beside.endsWith(".ts") ? beside.replace(/^(.*)\/src\//, "$1/dist/") : beside;
  return new URL(`./${name}.js`, built);
}
