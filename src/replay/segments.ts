import { type Problem, problem } from "#base/problem.ts";
import type { LogReader, Segment } from "#store/log-reader.ts";

/** Events that are read at once. */
const SEGMENT_EVENTS = 1000;

/**
 * The events of a range, in whole segments without a gap; `log-damaged` in place of the first that is not, which ends it.
 *
 * @param file the log as whoever asks calls it
 * @param after seq of the event before the range
 */
export function* segmentsBehind(
  reader: LogReader,
  file: string,
  after: number,
  to: number,
): Generator<Segment | Problem, void> {
  for (let at = after; at < to; ) {
    const segment = reader.segment(at, Math.min(SEGMENT_EVENTS, to - at));
    const { firstSeq, lastSeq, count } = segment;
    if (firstSeq !== at + 1 || count === 0 || lastSeq !== at + count) {
      yield problem("log-damaged", { file, why: `event ${missingBehind(reader, at)} is missing` });
      return;
    }
    yield segment;
    at = lastSeq;
  }
}

/** Seq of the first event behind `seq` that is not in the log. */
function missingBehind(reader: LogReader, seq: number): number {
  let missing = seq + 1;
  while (reader.row(missing) !== undefined) missing += 1;
  return missing;
}
