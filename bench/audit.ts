import { statSync } from "node:fs";
import { join } from "node:path";
import { forwardedSmc, REQUESTER } from "#cli/bench/example.ts";
import { median, rate } from "#cli/bench/turns.ts";
import type { Control } from "#control/control.ts";
import { inFolder, openExample } from "./host.ts";
import { report } from "./report.ts";

const TRANSACTIONS = [1, 16, 64, 256];
const ROUNDS = 41;
const TURN_MS = 50;
const SIZED_EVENTS = 50_000;

/** What the audit tree costs: appending with it and without, leaves, tiles, signatures and all; and bytes in the file. */
export async function benchAudit(): Promise<void> {
  await inFolder(async (folder) => {
    const audited = await openExample(join(folder, "audited.db"));
    const bare = await openExample(join(folder, "bare.db"), { withoutAudit: true });
    for (const n of TRANSACTIONS) await compare(n, audited, bare);
    await audited.close();
    await bare.close();
    const withTree = await bytesOfSmc(join(folder, "sized.db"), false);
    const without = await bytesOfSmc(join(folder, "sized-bare.db"), true);
    report("file, bytes a forwarded SMC", withTree, "≤ 300", `${without.toFixed(0)} without the tree`);
  });
}

/** In turns; by processor time, which neither a busy disk nor a neighbour changes much, and by the clock. */
async function compare(n: number, audited: Control, bare: Control): Promise<void> {
  const command = forwardedSmc(1);
  const ratios = { processor: [] as number[], clock: [] as number[] };
  const rates: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [without, withTree] = [await turn(bare), await turn(audited)];
    ratios.processor.push(without.processorUs / withTree.processorUs);
    ratios.clock.push(without.clockUs / withTree.clockUs);
    rates.push(1e6 / withTree.clockUs);
  }
  const clock = `${median(ratios.clock).toFixed(2)} by the clock, ${rate(median(rates))}`;
  report(`append with the audit tree, ${n} a transaction`, median(ratios.processor), "≥ 0.9", clock);

  async function turn(control: Control): Promise<{ readonly processorUs: number; readonly clockUs: number }> {
    const used = process.cpuUsage();
    const began = performance.now();
    let count = 0;
    while (performance.now() - began < TURN_MS) {
      await Promise.all(Array.from({ length: n }, () => control.submit(command, REQUESTER)));
      count += n;
    }
    const { user, system } = process.cpuUsage(used);
    return { processorUs: (user + system) / count, clockUs: ((performance.now() - began) * 1000) / count };
  }
}

async function bytesOfSmc(file: string, withoutAudit: boolean): Promise<number> {
  const control = await openExample(file, { withoutAudit });
  const command = forwardedSmc(1);
  const first = control.headSeq;
  const before = statSync(file).size;
  while (control.headSeq < first + SIZED_EVENTS) {
    await Promise.all(Array.from({ length: 256 }, () => control.submit(command, REQUESTER)));
  }
  const events = control.headSeq - first;
  await control.close();
  return (statSync(file).size - before) / events;
}
