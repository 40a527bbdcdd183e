import { accessSync, chmodSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Memory that looks like a folder, on Linux. */
const MEMORY = "/dev/shm";
const BYTES_NEEDED = 2 * 2 ** 30;

/**
 * Gives the run a temporary folder of its own, in memory where there is enough: every command that a test gives a log is
 * synced, and disks take their time. Nothing that the tests left in it outlives the run.
 */
export default function temporaryFolder(): () => void {
  const folder = mkdtempSync(join(hasMemory() ? MEMORY : tmpdir(), "scmi-tests-"));
  chmodSync(folder, 0o1777); // for any user, as a temporary folder is: one test is somebody else
  process.env["TMPDIR"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

function hasMemory(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= BYTES_NEEDED;
  } catch {
    return false;
  }
}
