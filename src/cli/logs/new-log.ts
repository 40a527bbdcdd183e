import { existsSync, renameSync, rmSync } from "node:fs";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { lockForWriting } from "#store/lock.ts";

/** What the audit keeps beside a log, to go with it. */
const GOES_WITH = [".audit-key", ".audit-checkpoint"] as const;
/** What SQLite, the writer and the audit keep beside a log that was just made. */
const BESIDE = ["-wal", "-shm", ".lock", ...GOES_WITH] as const;

/** Removes a log that could not be finished, with all that was made beside it. */
function removeLog(log: string): void {
  for (const end of ["", ...BESIDE]) rmSync(`${log}${end}`, { force: true });
}

/**
 * Makes a log that is there whole or not at all: it is made under another name, `LOG.unfinished`, and gets its own when it is done. Who
 * is killed meanwhile leaves that other name behind, which the next attempt removes.
 *
 * @param fill makes the log under the name that it is given, and closes it
 * @returns what `fill` gave; `log-exists`, or `log-in-use` where somebody else is making it
 */
export async function makeLog<Made>(
  log: string,
  fill: (unfinished: string) => Promise<Made | Problem>,
): Promise<Made | Problem> {
  if (existsSync(log)) return problem("log-exists", { file: log });
  const lock = lockForWriting(log);
  if (isProblem(lock)) return lock;
  const unfinished = `${log}.unfinished`;
  let made: Made | Problem | null = null;
  try {
    // Whoever made it is gone: the lock is ours.
    removeLog(unfinished);
    made = await fill(unfinished);
    if (!isProblem(made)) {
      // Somebody who knows of no locks may have put a file there meanwhile.
      if (existsSync(log)) made = problem("log-exists", { file: log });
      else for (const end of [...GOES_WITH, ""]) rename(`${unfinished}${end}`, `${log}${end}`);
    }
    return made;
  } finally {
    if (made === null || isProblem(made)) removeLog(unfinished);
    else rmSync(`${unfinished}.lock`, { force: true });
    lock.release();
    if (!existsSync(log)) rmSync(`${log}.lock`, { force: true });
  }
}

function rename(from: string, to: string): void {
  if (existsSync(from)) renameSync(from, to);
}
