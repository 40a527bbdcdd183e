import { isProblem } from "#base/problem.ts";
import { serveThread } from "#replay/thread.ts";
import { openForReading } from "#store/database.ts";
import type { AskingTask } from "./in-worker.ts";
import { askShrink } from "./shrink.ts";
import { askWhatIf } from "./what-if.ts";

serveThread<AskingTask>((task) => {
  const db = openForReading(task.file);
  if (isProblem(db)) return db;
  try {
    return task.kind === "what-if" ? askWhatIf(db, task.asked) : askShrink(db, task.asked);
  } finally {
    db.close();
  }
});
