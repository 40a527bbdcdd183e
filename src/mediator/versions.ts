import type { Errno } from "#base/errno.ts";
import type { SeriesVersion } from "#config/board/board.ts";
import { atLeast } from "#config/xen/series-version.ts";

export { atLeast };

/** Flags of the RESET_AGENT_CONFIGURATION that teardown sends: since v9 the permissions go too. */
export function teardownResetFlags(version: SeriesVersion): number {
  return atLeast(version, "v9") ? 1 : 0;
}

/** Whether teardown goes on although the firmware could not reset the agent: where it has no such command. */
export function toleratesReset(errno: Errno, version: SeriesVersion): boolean {
  return errno === "EOPNOTSUPP" && atLeast(version, "v3");
}
