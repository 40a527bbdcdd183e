import type { LoggedEvent } from "#events/logged.ts";
import { isDamaged, LogReader, segmentEvents } from "#store/log-reader.ts";
import type { Projection } from "../projection.ts";
import { Resources } from "./resources.ts";
import { type Denial, UseCount } from "./use-count.ts";

/** Events of a bucket: what was so at any moment is the buckets before it, and the events of one. */
const BUCKET_EVENTS = 4096;

/** The bucket of an event. */
export function bucketOf(seq: number): number {
  return Math.floor(seq / BUCKET_EVENTS);
}

/** The first event of a bucket. */
export function firstOf(bucket: number): number {
  return bucket * BUCKET_EVENTS;
}

/** Counts the events from one seq to another, both with it, of one bucket; what cannot be read counts for nothing. */
export function countRange(count: UseCount, reader: LogReader, from: number, to: number): void {
  const after = Math.max(from - 1, 0);
  if (to <= after) return;
  for (const event of segmentEvents(reader.segment(after, to - after), 0)) {
    if (!isDamaged(event)) count.count(event);
  }
}

/**
 * Which permission was used when. SMCs are the hot path, so that a bucket's counts are written when it is full, and denials, which
 * are few, at once. A writer that begins inside a bucket counts the events of it that the log has.
 */
export const permissionUse: Projection = {
  name: "permission_use",
  version: 1,
  tables: ["use_resources", "permission_use", "denials"],
  open(db, table) {
    const addUse = db.prepare(`
      INSERT OR REPLACE INTO ${table("permission_use")}
        (bucket, agent_id, device_id, uses, first_use, last_use, denials, first_denial, last_denial)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    `);
    const addDenial = db.prepare(`
      INSERT OR IGNORE INTO ${table("denials")} (seq, agent_id, domid, protocol, message, resource, device_id)
      VALUES (?, ?, ?, ?, ?, ?, ?)
    `);
    const reader = new LogReader(db);
    const resources = new Resources(db, table);
    const count = new UseCount(resources);
    let denials: (Denial & { readonly seq: number; readonly domid: number | null })[] = [];
    let last: number | null = null;

    function begin(seq: number): void {
      count.clear();
      // Of the event before: where that ended its bucket, nobody has written it yet.
      const start = firstOf(bucketOf(seq - 1));
      countRange(count, reader, start, seq - 1);
      last = seq - 1;
    }

    function finish(bucket: number): void {
      for (const { agentId, deviceId, uses, firstUse, lastUse, ...rest } of count.all()) {
        const { denials, firstDenial, lastDenial } = rest;
        addUse.run(bucket, agentId, deviceId, uses, firstUse, lastUse, denials, firstDenial, lastDenial);
      }
      count.clear();
    }

    function apply(event: LoggedEvent): void {
      const { seq } = event;
      if (last === null) begin(seq);
      const before = last as number;
      if (seq <= before) return;
      if (bucketOf(seq) > bucketOf(before)) finish(bucketOf(before));
      last = seq;
      if (event.type === "host.configured") resources.configure(seq, event.data.board.firmware.devices);
      const denial = count.count(event);
      if (denial === null) return;
      denials.push({ ...denial, seq, domid: event.domid });
    }

    return {
      apply,
      flush() {
        for (const { seq, agentId, domid, protocol, message, resource, deviceId } of denials) {
          addDenial.run(seq, agentId, domid, protocol, message, resource, deviceId);
        }
        denials = [];
      },
      discard() {
        last = null;
        denials = [];
        count.clear();
        resources.forget();
      },
    };
  },
};
