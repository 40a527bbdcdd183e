import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isProblem } from "#base/problem.ts";
import { Control, type ControlOptions } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";
import type { Command } from "#machine/commands/commands.ts";

const EXAMPLE = new URL("../examples/rcar-v4h/board.yaml", import.meta.url).pathname;

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
  const description = await loadHost(EXAMPLE);
  if (isProblem(description)) throw new Error(description.detail);
  let now = 1_700_000_000_000_000;
  const clock = () => {
    now += 1;
    return now;
  };
  const control = await Control.open({
    file,
    description,
    newBoard: false,
    clock,
    program: "bench",
    ...options,
  });
  if (isProblem(control)) throw new Error(control.detail);
  return control;
}

/** A guest's doorbell with CLOCK_RATE_GET of clock 104 in its page: what a driver does all day. */
export function forwardedSmc(domid: number): Command {
  const page = new Uint8Array(32);
  const view = new DataView(page.buffer);
  view.setUint32(0x14, 8, true);
  view.setUint32(0x18, 0x5006, true);
  view.setUint32(0x1c, 104, true);
  return { kind: "smc", domain: domid, x: [0x82000004n, 0n, 0n, 0n, 0n, 0n, 0n, 0n], shmem: page };
}

export const REQUESTER = { actor: "bench", source: "rest", reason: null, request: null } as const;
