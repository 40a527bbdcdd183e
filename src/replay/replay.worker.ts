import { parentPort, workerData } from "node:worker_threads";
import { isProblem } from "#base/problem.ts";
import { openForReading } from "#store/database.ts";
import { bisect } from "./bisect.ts";
import type { FromWorker, ReplayTask } from "./in-worker.ts";
import { diffStates, stateAt } from "./travel.ts";
import { type Progress, verify } from "./verify.ts";

/** Progress is told no more often. */
const PROGRESS_MS = 100;

function perform(task: ReplayTask): unknown {
  const db = openForReading(task.file);
  if (isProblem(db)) return db;
  try {
    switch (task.kind) {
      case "verify":
        return verify(db, { from: task.from, to: task.to, onProgress: progressTeller() });
      case "state":
        return stateAt(db, task.at);
      case "diff":
        return diffStates(db, task.from, task.to);
      case "bisect":
        return bisect(db, task);
    }
  } finally {
    db.close();
  }
}

function progressTeller(): (progress: Progress) => void {
  let toldMs = 0;
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < PROGRESS_MS) return;
    toldMs = nowMs;
    tell({ progress });
  };
}

function tell(message: FromWorker): void {
  parentPort?.postMessage(message);
}

const result = perform(workerData as ReplayTask);
// Problems lose their class on the way; the other side gives it back.
tell(isProblem(result) ? { problem: { ...result } } : { result });
