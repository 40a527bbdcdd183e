import { vi } from "vitest";
import { run } from "#cli/program.ts";
import type { Run } from "./scmictl.ts";

/** Runs scmictl in this very process: for what needs neither standard input nor an environment of its own. */
export async function inProcess(args: readonly string[]): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const before = process.exitCode;
  process.exitCode = undefined;
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const err = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    await run(args);
    return { status: Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    out.mockRestore();
    err.mockRestore();
    process.exitCode = before;
  }
}
