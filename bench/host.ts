import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProblem } from "#base/problem.ts";
import * as example from "#cli/bench/example.ts";
import type { Control, ControlOptions } from "#control/control.ts";

/** Events in a long log. */
export const EVENTS: number = Number(process.env["BENCH_EVENTS"] ?? 1_000_000);

/** A folder of its own that is gone when the work is done. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(process.env["BENCH_DIR"] ?? tmpdir(), "scmi-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The example board on a log of its own. */
export async function openExample(file: string, options: Partial<ControlOptions> = {}): Promise<Control> {
  const control = await example.openExample(file, options);
  if (isProblem(control)) throw new Error(control.detail);
  return control;
}
