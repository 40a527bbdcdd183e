import { isProblem, type Problem } from "#base/problem.ts";
import { askShrink, type ShrunkLog } from "#simulate/asking/shrink.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { client, type ReadingOptions } from "../options.ts";
import { slowProgress } from "../progress.ts";
import { seqOfMoment } from "./whatif.ts";

/** What `scmictl shrink` is told. */
export interface ShrinkOptions extends ReadingOptions {
  readonly expect: string;
  readonly to?: string;
  readonly maxRuns?: number;
}

/** Shrinks a log file, or a server's log, to a script; the log is only read. */
export async function shrinkOf(options: ShrinkOptions): Promise<ShrunkLog | Problem> {
  const { db, expect, to, maxRuns } = options;
  if (db !== undefined) return shrinkFile(db, options);
  const answer = await client(options).send("POST", "/v1/shrink", { expect, to, maxRuns }, undefined);
  return answer as unknown as ShrunkLog | Problem;
}

function shrinkFile(file: string, { expect, to, maxRuns: runsMax }: ShrinkOptions): ShrunkLog | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  const progress = slowProgress("shrinking");
  try {
    const seq = to === undefined ? undefined : seqOfMoment(new LogReader(db), "to", to);
    if (isProblem(seq)) return seq;
    return askShrink(db, { expect, to: seq, runsMax }, ({ runs, kept, commands }) =>
      progress(kept, commands, `commands are left after ${runs} runs`),
    );
  } finally {
    db.close();
  }
}
