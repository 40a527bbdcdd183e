import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { verify } from "#replay/verify.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { type AuditVerifyArguments, auditVerify } from "../audit/verifying.ts";
import { note, print, printJson, refuse } from "../output.ts";

/** What a backup is held to: verifier keys, and checkpoints from elsewhere. */
type Trust = Pick<AuditVerifyArguments, "vkey" | "checkpoint">;

/** What a copy came to. */
interface Copied {
  readonly file: string;
  readonly events: number;
}

/** Copies a log with SQLite's online backup, page by page while its server goes on; the copy is of one moment. */
export async function backup(log: string, file: string, isJson: boolean): Promise<void> {
  const copied = await copy(log, file);
  if (isProblem(copied)) return refuse(copied);
  if (isJson) return printJson(copied);
  await print(`${file}: ${copied.events} events`);
  note("its audit key is not in it: keep that apart, or the restored log goes on under a new one");
}

/** Makes a log of a backup, once its audit tree, its signatures and every recorded command were found to be right. */
export async function restore(file: string, log: string, trust: Trust, isJson: boolean): Promise<void> {
  const copied = await copy(file, log, (draft) => verified(draft, trust));
  if (isProblem(copied)) return refuse(copied);
  if (isJson) return printJson(copied);
  await print(`${log}: ${copied.events} events, each verified`);
}

/** Copies into a draft first: what is wrong, or cut off, never gets the name. */
async function copy(
  from: string,
  to: string,
  check: (file: string) => Promise<Problem | null> = async () => null,
): Promise<Copied | Problem> {
  if (existsSync(to)) return problem("log-exists", { file: to });
  const db = openForReading(from);
  if (isProblem(db)) return db;
  const draft = `${to}.part`;
  try {
    await db.backup(draft);
    const fault = await check(draft);
    if (fault !== null) return fault;
    const events = headOf(draft);
    if (isProblem(events)) return events;
    renameSync(draft, to);
    sync(dirname(to));
    return { file: to, events };
  } catch (error) {
    return problem("file-unwritable", { file: to, why: (error as Error).message });
  } finally {
    db.close();
    for (const end of ["", "-wal", "-shm"]) rmSync(`${draft}${end}`, { force: true });
  }
}

function headOf(file: string): number | Problem {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  const head = new LogReader(db).headSeq();
  db.close();
  return head;
}

/** What is wrong with a log, or null: nobody altered it, and each of its commands comes to what it says. */
async function verified(file: string, trust: Trust): Promise<Problem | null> {
  const report = await auditVerify({ db: file, ...trust });
  // From before there was a tree: then its decisions are what can be held against it.
  if (isProblem(report)) return report.code === "audit-missing" ? decided(file) : report;
  const [first] = report.faults;
  return first === undefined
    ? null
    : problem("backup-altered", { file, detail: first.detail, count: report.faultCount });
}

function decided(file: string): Problem | null {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const report = verify(db);
    if (isProblem(report)) return report;
    const [first] = report.divergences;
    if (first === undefined) return null;
    const detail = `event ${first.seq} would be decided otherwise`;
    return problem("backup-altered", { file, detail, count: report.divergences.length });
  } finally {
    db.close();
  }
}

function sync(folder: string): void {
  const fd = openSync(folder, "r");
  fsyncSync(fd);
  closeSync(fd);
}
