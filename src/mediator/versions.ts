import { SERIES_VERSIONS, type SeriesVersion } from "#config/board.ts";

/** Whether a version of the patch series is `since` or newer. */
export function atLeast(version: SeriesVersion, since: SeriesVersion): boolean {
  return SERIES_VERSIONS.indexOf(version) >= SERIES_VERSIONS.indexOf(since);
}

/** Flags of the RESET_AGENT_CONFIGURATION that teardown sends: since v9 the permissions go too. */
export function teardownResetFlags(version: SeriesVersion): number {
  return atLeast(version, "v9") ? 1 : 0;
}
