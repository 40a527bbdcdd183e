import type { Worker } from "node:worker_threads";

/**
 * Threads that have answered and wait for the next short question: starting one takes a hundred times as long as most answers.
 * One that waits keeps no program from its end, and is ended itself when nobody asks for a minute.
 */
const idle: { readonly url: URL; readonly worker: Worker; readonly timer: NodeJS.Timeout }[] = [];
const IDLE_MS = 60_000;

/** A thread of this file that waits, or undefined. It is the caller's then. */
export function takeIdle(url: URL): Worker | undefined {
  const place = idle.findIndex((thread) => thread.url === url);
  const [thread] = place === -1 ? [] : idle.splice(place, 1);
  if (thread === undefined) return undefined;
  clearTimeout(thread.timer);
  unlisten(thread.worker);
  thread.worker.ref();
  return thread.worker;
}

/** Leaves a thread that has answered for who asks next. */
export function keepIdle(url: URL, worker: Worker): void {
  const forget = (): void => {
    const place = idle.findIndex((thread) => thread.worker === worker);
    const [thread] = place === -1 ? [] : idle.splice(place, 1);
    clearTimeout(thread?.timer);
    void worker.terminate();
  };
  unlisten(worker);
  worker.on("error", forget);
  worker.on("exit", forget);
  worker.unref();
  idle.push({ url, worker, timer: setTimeout(forget, IDLE_MS).unref() });
}

/** Of our own listeners alone: a worker has others, without which no message comes. */
function unlisten(worker: Worker): void {
  for (const event of ["message", "error", "exit"]) worker.removeAllListeners(event);
}
