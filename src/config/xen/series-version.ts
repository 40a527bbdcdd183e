import { SERIES_VERSIONS, type SeriesVersion } from "../board/board.ts";

/** Whether a version of the patch series is `since` or newer. */
export function atLeast(version: SeriesVersion, since: SeriesVersion): boolean {
  return SERIES_VERSIONS.indexOf(version) >= SERIES_VERSIONS.indexOf(since);
}
