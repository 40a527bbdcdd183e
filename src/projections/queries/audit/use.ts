import type { Database } from "#store/database.ts";
import { isDamaged } from "#store/log-reader.ts";
import { bucketOf, countRange, firstOf } from "../../use/permission-use.ts";
import { Resources } from "../../use/resources.ts";
import { UNUSED, type Use, UseCount } from "../../use/use-count.ts";
import type { Page } from "../page.ts";
import { type PermissionsRequest, type PermissionView, permissionsAt } from "../permissions-at.ts";
import { prepared, readerOf } from "../prepared.ts";
import { timeOfSeq } from "./time-of-seq.ts";

const EVENTS_AT_ONCE = 1000;

/** A permission, and what became of it: seqs and times are of the first and last time, null where there was none. */
export interface UseView {
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean;
  readonly sinceSeq: number;
  readonly uses: number;
  readonly firstUse: number | null;
  readonly firstUseTime: string | null;
  readonly lastUse: number | null;
  readonly lastUseTime: string | null;
  readonly denials: number;
  readonly lastDenial: number | null;
  readonly lastDenialTime: string | null;
}

/**
 * Each permission that an agent had after an event, or tried to have, with its use since the log began. Pairs that were neither
 * allowed nor tried are left out, so that a page can be shorter than its limit.
 */
export function permissionUse(db: Database, seq: number, request: PermissionsRequest): Page<UseView, string> {
  const { items, next } = permissionsAt(db, seq, request);
  return { items: useViews(db, items, usesUpTo(db, seq)), next };
}

/**
 * The same by the events alone that a log has up to the moment, whatever seqs they have: one with a part of another's events tells
 * of that part.
 */
export function useWithin(db: Database, seq: number, request: PermissionsRequest): Page<UseView, string> {
  const { items, next } = permissionsAt(db, seq, request);
  const count = new UseCount(new Resources(db, (name) => name));
  const reader = readerOf(db);
  for (let after = 0; ; ) {
    const events = reader.events(after, EVENTS_AT_ONCE, { type: "smc.forwarded", upTo: seq });
    for (const event of events) if (!isDamaged(event)) count.count(event);
    if (events.length < EVENTS_AT_ONCE) break;
    after = events.at(-1)?.seq as number;
  }
  return { items: useViews(db, items, byPair(count.all())), next };
}

function byPair(uses: readonly Use[]): Map<string, Use> {
  return new Map(uses.map((use) => [`${use.agentId}.${use.deviceId}`, use]));
}

function useViews(
  db: Database,
  cells: readonly PermissionView[],
  counted: ReadonlyMap<string, Use>,
): UseView[] {
  return cells.flatMap(({ agentId, deviceId, allowed, sinceSeq }) => {
    const use = counted.get(`${agentId}.${deviceId}`);
    if (use === undefined && !allowed) return [];
    const { uses, firstUse, lastUse, denials, lastDenial } = use ?? UNUSED;
    return {
      agentId,
      deviceId,
      allowed,
      sinceSeq,
      uses,
      firstUse,
      firstUseTime: timeOfSeq(db, firstUse),
      lastUse,
      lastUseTime: timeOfSeq(db, lastUse),
      denials,
      lastDenial,
      lastDenialTime: timeOfSeq(db, lastDenial),
    };
  });
}

/** What every pair came to up to an event: the buckets before its own from their table, its own from the events. */
function usesUpTo(db: Database, seq: number): ReadonlyMap<string, Use> {
  const bucket = bucketOf(seq);
  const whole = prepared<[number], Use>(
    db,
    `SELECT agent_id AS agentId, device_id AS deviceId, sum(uses) AS uses, min(first_use) AS firstUse,
       max(last_use) AS lastUse, sum(denials) AS denials, min(first_denial) AS firstDenial,
       max(last_denial) AS lastDenial
     FROM permission_use WHERE bucket < ? GROUP BY agent_id, device_id`,
  ).all(bucket);
  const count = new UseCount(new Resources(db, (name) => name));
  countRange(count, readerOf(db), firstOf(bucket), seq);
  const all = byPair(whole);
  for (const use of count.all()) {
    const key = `${use.agentId}.${use.deviceId}`;
    const before = all.get(key);
    all.set(key, before === undefined ? use : together(before, use));
  }
  return all;
}

function together(before: Use, after: Use): Use {
  return {
    agentId: after.agentId,
    deviceId: after.deviceId,
    uses: before.uses + after.uses,
    firstUse: before.firstUse ?? after.firstUse,
    lastUse: after.lastUse ?? before.lastUse,
    denials: before.denials + after.denials,
    firstDenial: before.firstDenial ?? after.firstDenial,
    lastDenial: after.lastDenial ?? before.lastDenial,
  };
}
