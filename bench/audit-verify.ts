import { join } from "node:path";
import { isProblem } from "#base/problem.ts";
import { auditVerify } from "#cli/audit/verifying.ts";
import { forwardedSmc, REQUESTER } from "#cli/bench/example.ts";
import { rate } from "#cli/bench/turns.ts";
import { EVENTS, inFolder, openExample } from "./host.ts";
import { report } from "./report.ts";

const BATCH = 256;
const SINCE_EVENTS = 10_000;

/** Verifying a long log: all of it, and only what came last. */
export async function benchAuditVerify(): Promise<void> {
  await inFolder(async (folder) => {
    const file = join(folder, "long.db");
    const control = await openExample(file);
    const command = forwardedSmc(1);
    while (control.headSeq < EVENTS) {
      await Promise.all(Array.from({ length: BATCH }, () => control.submit(command, REQUESTER)));
    }
    const head = control.headSeq;
    await control.close();
    await measure("audit verify", file, "≥ 100000", {});
    await measure("audit verify --since, of the last events", file, "–", {
      since: String(head - SINCE_EVENTS),
    });
  });
}

async function measure(
  what: string,
  db: string,
  wanted: string,
  args: { readonly since?: string },
): Promise<void> {
  const used = process.cpuUsage();
  const began = performance.now();
  const found = await auditVerify({ db, ...args });
  if (isProblem(found) || found.faultCount > 0) throw new Error(JSON.stringify(found));
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(used);
  // By processor time: the half that decides again has a thread of its own, and the machine other work.
  const byProcessor = found.events / ((user + system) / 1e6);
  const details = `${found.events} in ${seconds.toFixed(1)} s, ${rate(found.events / seconds)} by the clock`;
  report(`${what}, events a second of one core`, byProcessor, wanted, details);
}
