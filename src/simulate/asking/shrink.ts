import { isProblem, type Problem } from "#base/problem.ts";
import { type ShrinkProgress, type ShrinkReport, type ShrinkRequest, shrink } from "#replay/whatif/shrink.ts";
import type { Database } from "#store/database.ts";
import { scripted } from "../script-text.ts";
import { shrunkScript } from "../shrunk-script.ts";

/** What is to be shrunk, in values that can be sent: see {@link ShrinkRequest}. */
export type ShrinkAsked = Pick<ShrinkRequest, "expect" | "to" | "runsMax">;

/** A log shrunk to a script for `simulate`. */
export interface ShrunkLog extends Omit<ShrinkReport, "kept"> {
  /** Commands that are left. */
  readonly keptCount: number;
  /** One line of JSON each, and a last one that expects what should hold. */
  readonly script: string;
}

/** The fewest commands that show it; see {@link shrink}. */
export function askShrink(
  db: Database,
  asked: ShrinkAsked,
  onProgress?: (progress: ShrinkProgress) => void,
): ShrunkLog | Problem {
  const report = shrink(db, { ...asked, prepare: scripted, onProgress });
  if (isProblem(report)) return report;
  const { kept, ...rest } = report;
  return { ...rest, keptCount: kept.length, script: shrunkScript(report, db.name) };
}
