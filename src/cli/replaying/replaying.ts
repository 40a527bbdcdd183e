import { isProblem, type Problem, refusedRequest } from "#base/problem.ts";
import { explained } from "#replay/cause/likely-cause.ts";
import { packRange } from "#replay/pack/read-pack.ts";
import { verify } from "#replay/verify.ts";
import { openForReading } from "#store/database.ts";
import type { Body } from "../client.ts";
import { slowProgress } from "../progress.ts";
import { VERSION } from "../version.ts";

/** Verifies a log file, as `POST /v1/replay` would. */
export function replayFile(file: string, from: number | undefined, to: number | undefined): Body | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  const beganMs = performance.now();
  const progress = slowProgress("replaying");
  try {
    const pack = packRange(db);
    if (isProblem(pack)) return pack;
    if (pack !== null && (from ?? pack.from) < pack.from) {
      return refusedRequest(`from: found ${from}, allowed are positions from ${pack.from}`);
    }
    const report = verify(db, {
      from: from ?? pack?.from,
      to: to ?? pack?.to,
      onProgress: ({ events, eventsTotal }) => progress(events, eventsTotal, "events"),
    });
    if (isProblem(report)) return report;
    const durationMs = Math.round(performance.now() - beganMs);
    return { ...report, durationMs, ...explained(db, file, report.divergences, VERSION) };
  } finally {
    db.close();
  }
}
