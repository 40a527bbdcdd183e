import { isProblem } from "#base/problem.ts";
import { REQUESTER } from "#cli/bench/example.ts";
import { permissionUse } from "#projections/queries/audit/use.ts";
import { whoHas } from "#projections/queries/audit/who.ts";
import { permissionsAt } from "#projections/queries/permissions-at.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { openExample } from "./host.ts";
import { report } from "./report.ts";

/** Permissions that change before anybody asks. */
const CHANGES = 4000;
const QUESTIONS = 500;

/** What an audit asks of a long log, at moments all over it: 99 of 100 answers come within so many milliseconds. */
export async function benchQuestions(file: string): Promise<void> {
  const control = await openExample(file);
  for (let i = 0; i < CHANGES; i += 1) {
    const allowed = Math.floor(i / 200) % 2 === 0;
    const command = { kind: "permission.set", agentId: 2, deviceId: i % 200, allowed } as const;
    await control.submit(command, REQUESTER);
  }
  await control.close();
  const db = openForReading(file);
  if (isProblem(db)) throw new Error(db.detail);
  const head = new LogReader(db).headSeq();
  const questions = {
    who: (at: number) => whoHas(db, at % 200, at),
    "permissions --at": (at: number) => permissionsAt(db, at, { limit: 10_000 }),
    use: (at: number) => permissionUse(db, at, { limit: 1000, onlyAgent: 2 }),
  };
  for (const [name, ask] of Object.entries(questions)) {
    const times = Array.from({ length: QUESTIONS }, (_, i) => {
      const at = 1 + ((i * 7919 * 131) % head);
      const began = performance.now();
      ask(at);
      return performance.now() - began;
    }).sort((a, b) => a - b);
    const last = times[Math.ceil(QUESTIONS * 0.99) - 1] ?? 0;
    report(`${name}, ms at the 99th percentile`, last, "≤ 50", `${head} events`);
  }
  db.close();
}
