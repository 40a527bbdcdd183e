import { isProblem, type Problem } from "#base/problem.ts";
import { type ShrinkReport, shrink } from "#replay/whatif/shrink.ts";
import { scripted } from "#simulate/script-text.ts";
import { shrunkScript } from "#simulate/shrunk-script.ts";
import { openForReading } from "#store/database.ts";

/** What `scmictl shrink` is told. */
export interface ShrinkOptions {
  readonly db: string;
  readonly expect: string;
  readonly to?: number;
}

/** Shrinks a log file to a script; the file is only read. */
export function shrinkFile({
  db: file,
  expect,
  to,
}: ShrinkOptions):
  | (Omit<ShrinkReport, "kept"> & { readonly keptCount: number; readonly script: string })
  | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const report = shrink(db, { expect, to, prepare: scripted });
    if (isProblem(report)) return report;
    const { kept, ...rest } = report;
    return { ...rest, keptCount: kept.length, script: shrunkScript(report, file) };
  } finally {
    db.close();
  }
}
