import { isDeepStrictEqual } from "node:util";
import { encodeBody } from "#events/body.ts";
import type { Machine } from "#machine/machine.ts";
import { sha256 } from "#replay/hash.ts";
import type { History } from "./histories.ts";

/**
 * The first event in which a machine that is given a log's commands, one after the other, comes to something else than the one
 * that recorded it; null where it never does. What no event shows, or can say, is at the first event of the command.
 */
export function firstApart(OtherMachine: typeof Machine, { steps }: History): number | null {
  const machine = new OtherMachine(sha256, null, false);
  for (const { command, stamp, events, digest } of steps) {
    const firstSeq = events[0]?.seq ?? 0;
    let others: typeof events;
    try {
      others = machine.execute(command, stamp).events;
      for (const event of others) encodeBody(event);
    } catch {
      return firstSeq;
    }
    const differing = events.findIndex((event, i) => !isDeepStrictEqual(event, others[i]));
    if (differing >= 0) return firstSeq + differing;
    // One event too many is told at the last.
    if (others.length > events.length) return firstSeq + events.length - 1;
    if (!machine.hasDigest(digest, 0)) return firstSeq;
    machine.settle();
  }
  return null;
}
