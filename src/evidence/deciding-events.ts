import type { LeafRange } from "#audit/merkle/subset-proof.ts";
import { type Problem, problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import type { Moment } from "./question.ts";

/** The events that decide what was so at a moment. */
export interface DecidingEvents {
  /** Seq of the `host.configured` whose board rules. */
  readonly configuredSeq: number;
  /**
   * The host boots from that board to the one that rules, which is the last. Epochs count boots, so that they show, dense as they
   * are, that no other board came between.
   */
  readonly bootSeqs: readonly number[];
  /** From the boot that rules to the moment, every event. */
  readonly fromSeq: number;
  readonly at: number;
  /** The event behind the moment, which shows that no other was before the time that was asked for; null: none is needed, or there is none. */
  readonly nextSeq: number | null;
}

/**
 * Finds them.
 *
 * @param size events that are signed
 * @returns `evidence-unavailable` before the first boot, or where the moment is not signed; `evidence-too-large`
 */
export function decidingEvents(
  db: Database,
  { at, timeUs }: Moment,
  size: number,
  eventsMax: number,
): DecidingEvents | Problem {
  if (at > size) {
    return problem("evidence-unavailable", {
      why: `event ${at} is not signed yet, the log is up to event ${size}`,
    });
  }
  const rule = db
    .prepare<[number], { bootSeq: number; configuredSeq: number | null }>(
      `SELECT from_seq AS bootSeq, configured_seq AS configuredSeq FROM permission_rules
       WHERE from_seq <= ? ORDER BY from_seq DESC LIMIT 1`,
    )
    .get(at);
  if (rule === undefined || rule.configuredSeq === null) {
    return problem("evidence-unavailable", { why: `the host had not booted by event ${at}` });
  }
  const { bootSeq, configuredSeq } = rule;
  const bootSeqs = db
    .prepare<[number, number], number>(
      "SELECT from_seq FROM permission_rules WHERE from_seq > ? AND from_seq <= ? ORDER BY from_seq",
    )
    .pluck()
    .all(configuredSeq, bootSeq);
  const events = at - bootSeq + 1 + bootSeqs.length;
  if (events > eventsMax) return problem("evidence-too-large", { events, eventsMax, bootSeq, at });
  const nextSeq = timeUs !== null && at < size ? at + 1 : null;
  return { configuredSeq, bootSeqs, fromSeq: bootSeq, at, nextSeq };
}

/** The same as ranges of seqs, ascending and apart. */
export function seqRanges(events: DecidingEvents): LeafRange[] {
  const { configuredSeq, bootSeqs, fromSeq, at, nextSeq } = events;
  const ranges: { start: number; end: number }[] = [];
  for (const seq of [configuredSeq, ...bootSeqs.slice(0, -1)]) ranges.push({ start: seq, end: seq + 1 });
  ranges.push({ start: fromSeq, end: (nextSeq ?? at) + 1 });
  return ranges;
}
