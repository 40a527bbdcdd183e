import { isProblem } from "#base/problem.ts";
import { serveThread } from "#replay/thread.ts";
import { openForReading } from "#store/database.ts";
import { evidenceBundle } from "./bundle.ts";
import type { EvidenceTask } from "./in-worker.ts";

serveThread<EvidenceTask>(({ file, request }) => {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    // One moment of the log for all that is read of it: its tables can be rebuilt meanwhile.
    db.exec("BEGIN");
    return evidenceBundle(db, request);
  } finally {
    db.close();
  }
});
