import { fileURLToPath } from "node:url";
import { isProblem, type Problem } from "#base/problem.ts";
import { Control, type ControlOptions, type Requester } from "#control/control.ts";
import { loadHost } from "#inputs/load-host.ts";
import type { Command } from "#machine/commands/commands.ts";
import { SHMEM } from "#scmi/shmem.ts";

/** The board that comes with the program. */
const EXAMPLE = fileURLToPath(new URL("../../../examples/rcar-v4h/board.yaml", import.meta.url));
const FIRST_TIME_US = 1_700_000_000_000_000;
const CLOCK_RATE_GET = 0x5006;
const CLOCK_ID = 104;

/** Who asks, in what is measured. */
export const REQUESTER: Requester = { actor: "bench", source: "rest", reason: null, request: null };

/** The example board on a log of its own, booted: its domain 1 is DomD, with agent 2. */
export async function openExample(
  file: string,
  options: Partial<ControlOptions> = {},
): Promise<Control | Problem> {
  const description = await loadHost(EXAMPLE);
  if (isProblem(description)) return description;
  let now = FIRST_TIME_US;
  const clock = (): number => {
    now += 1;
    return now;
  };
  return await Control.open({ file, description, newBoard: false, clock, program: "bench", ...options });
}

/** A guest's doorbell with CLOCK_RATE_GET in its page: what a driver does all day. */
export function forwardedSmc(domid: number): Command {
  const shmem = new Uint8Array(SHMEM.PAYLOAD + 4);
  const view = new DataView(shmem.buffer);
  view.setUint32(SHMEM.LENGTH, 8, true);
  view.setUint32(SHMEM.MESSAGE_HEADER, CLOCK_RATE_GET, true);
  view.setUint32(SHMEM.PAYLOAD, CLOCK_ID, true);
  return { kind: "smc", domain: domid, x: [0x8200_0004n, 0n, 0n, 0n, 0n, 0n, 0n, 0n], shmem };
}
