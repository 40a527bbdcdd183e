import { rmSync } from "node:fs";

/** What SQLite, the writer and the audit keep beside a log that was just made. */
const BESIDE = ["-wal", "-shm", ".lock", ".audit-key", ".audit-checkpoint"] as const;

/** Removes a log that could not be finished, with all that was made beside it. */
export function removeLog(log: string): void {
  for (const end of ["", ...BESIDE]) rmSync(`${log}${end}`, { force: true });
}
