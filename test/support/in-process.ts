import { Readable } from "node:stream";
import { vi } from "vitest";
import { run } from "#cli/program.ts";
import type { Run, RunOptions } from "./scmictl.ts";

/**
 * Runs scmictl in this very process, which takes a tenth of the time of a process of its own. One run at a time: they would
 * share standard input and output, the environment and the folder.
 */
export async function inProcess(args: readonly string[], options: RunOptions = {}): Promise<Run> {
  const { input = "", env = {}, cwd = process.cwd() } = options;
  const folder = process.cwd();
  const { SCMICTL_URL: _, SCMICTL_TOKEN: __, ...own } = process.env;
  const environment = process.env;
  let stdout = "";
  let stderr = "";
  const before = process.exitCode;
  const mocks = [
    vi.spyOn(process, "stdin", "get").mockReturnValue(Readable.from([input]) as typeof process.stdin),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      stdout += String(text);
      return true;
    }),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      stderr += String(text);
      return true;
    }),
  ];
  process.exitCode = undefined;
  process.env = { ...own, ...env };
  process.chdir(cwd);
  try {
    await run(args);
    return { status: Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    process.chdir(folder);
    process.env = environment;
    process.exitCode = before;
    for (const mock of mocks) mock.mockRestore();
  }
}
