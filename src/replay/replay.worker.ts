import { isProblem } from "#base/problem.ts";
import { openForReading } from "#store/database.ts";
import { bisect } from "./bisect.ts";
import { explained } from "./cause/likely-cause.ts";
import type { ReplayTask } from "./in-worker.ts";
import { serveThread } from "./thread.ts";
import { diffStates, stateAt } from "./travel.ts";
import { type Progress, verify } from "./verify.ts";

serveThread<ReplayTask, Progress>((task, onProgress) => {
  const db = openForReading(task.file);
  if (isProblem(db)) return db;
  try {
    switch (task.kind) {
      case "verify": {
        const report = verify(db, { from: task.from, to: task.to, onProgress });
        if (isProblem(report)) return report;
        return { ...report, ...explained(db, task.file, report.divergences, task.program) };
      }
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
});
