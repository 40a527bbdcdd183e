import { join } from "node:path";
import { appendRates } from "#cli/bench/append.ts";
import { rate } from "#cli/bench/turns.ts";
import { inFolder, openExample } from "./host.ts";
import { ROUNDS, report } from "./report.ts";

const WANTED = new Map([
  [1, 0.8],
  [16, 0.4],
  [64, 0.25],
  [256, 0.18],
]);

/** Full commands in transactions of n, beside what disk and SQLite allow. */
export async function benchAppend(): Promise<void> {
  await inFolder(async (folder) => {
    const control = await openExample(join(folder, "append.db"));
    for (const figure of await appendRates(control, folder, ROUNDS)) {
      const { commands, perSecond, boundPerSecond, diskPerSecond, memoryPerSecond } = figure;
      report(
        `append, ${commands} a transaction, of bound`,
        perSecond / boundPerSecond,
        `≥ ${WANTED.get(commands)}`,
        `${rate(perSecond)} of ${rate(boundPerSecond)} (D ${rate(diskPerSecond)}, C ${rate(memoryPerSecond)})`,
      );
    }
    await control.close();
  });
}
