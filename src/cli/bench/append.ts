import { join } from "node:path";
import type { Control } from "#control/control.ts";
import { forwardedSmc, REQUESTER } from "./example.ts";
import { bareInserts, boundOf, syncedWrites } from "./limits.ts";
import { inTurns } from "./turns.ts";

/** Commands that share a transaction, as they are measured. */
const COMMANDS_TOGETHER = [1, 16, 64, 256] as const;

/** How fast whole commands are appended, so many in a transaction. Rates are a second. */
export interface AppendRate {
  readonly commands: number;
  readonly perSecond: number;
  /** What disk and SQLite allow. */
  readonly boundPerSecond: number;
  /** D: writes that the disk syncs. */
  readonly diskPerSecond: number;
  /** C: bare inserts in memory. */
  readonly memoryPerSecond: number;
}

/**
 * Whole commands (decide, evolve, digest, event, command, projections, audit leaf) in transactions of n, beside what disk and SQLite
 * allow: n / (1/D + n/C).
 *
 * @param control on a log in `folder`
 */
export async function appendRates(control: Control, folder: string, rounds: number): Promise<AppendRate[]> {
  const disk = syncedWrites(join(folder, "disk"));
  const memory = bareInserts();
  const command = forwardedSmc(1);
  const measured: AppendRate[] = [];
  for (const commands of COMMANDS_TOGETHER) {
    const submit = async (): Promise<number> => {
      await Promise.all(Array.from({ length: commands }, () => control.submit(command, REQUESTER)));
      return commands;
    };
    const rates = await inTurns([disk, memory, { name: "control", turn: submit }], rounds);
    const diskPerSecond = rates.get("disk") ?? 1;
    const memoryPerSecond = rates.get("memory") ?? 1;
    const boundPerSecond = boundOf(commands, diskPerSecond, memoryPerSecond);
    const perSecond = rates.get("control") ?? 0;
    measured.push({ commands, perSecond, boundPerSecond, diskPerSecond, memoryPerSecond });
  }
  disk.close();
  memory.close();
  return measured;
}
