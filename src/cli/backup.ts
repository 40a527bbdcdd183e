import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { verify } from "#replay/verify.ts";
import { openForReading } from "#store/database.ts";
import { LogReader } from "#store/log-reader.ts";
import { note, print, printJson, refuse } from "./output.ts";

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

/** Makes a log of a backup, once every recorded command was decided again and came to the same. */
export async function restore(file: string, log: string, isJson: boolean): Promise<void> {
  const copied = await copy(file, log, verified);
  if (isProblem(copied)) return refuse(copied);
  if (isJson) return printJson(copied);
  await print(`${log}: ${copied.events} events, each verified`);
}

/** Copies into a draft first: what is wrong, or cut off, never gets the name. */
async function copy(
  from: string,
  to: string,
  check: (file: string) => Problem | null = () => null,
): Promise<Copied | Problem> {
  if (existsSync(to)) return problem("log-exists", { file: to });
  const db = openForReading(from);
  if (isProblem(db)) return db;
  const draft = `${to}.part`;
  try {
    await db.backup(draft);
    const fault = check(draft);
    if (fault !== null) return fault;
    const events = headOf(draft);
    if (isProblem(events)) return events;
    renameSync(draft, to);
    sync(dirname(to));
    return { file: to, events };
  } catch (error) {
    return problem("file-unreadable", { file: to, why: (error as Error).message });
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

/** What is wrong with a log, or null: each of its commands comes to what it says. */
function verified(file: string): Problem | null {
  const db = openForReading(file);
  if (isProblem(db)) return db;
  try {
    const report = verify(db);
    if (isProblem(report)) return report;
    const [first] = report.divergences;
    return first === undefined
      ? null
      : problem("backup-diverges", { file, seq: first.seq, count: report.divergences.length });
  } finally {
    db.close();
  }
}

function sync(folder: string): void {
  const fd = openSync(folder, "r");
  fsyncSync(fd);
  closeSync(fd);
}
