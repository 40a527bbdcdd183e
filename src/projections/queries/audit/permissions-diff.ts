import type { Database } from "#store/database.ts";
import { permissionHistory } from "../permission-history.ts";
import { PERMISSION_AT, type PermissionRow } from "../permissions-at.ts";
import { prepared } from "../prepared.ts";

/** A permission that was another one after one event than after another, and the events between that changed it. */
export interface PermissionDiff {
  readonly agentId: number;
  readonly deviceId: number;
  readonly before: boolean;
  readonly after: boolean;
  readonly changes: readonly number[];
}

const PAGE = 10_000;

/** What differs between the matrix after event `from` and that after event `to`, by agent and device. */
export function permissionsDiff(db: Database, from: number, to: number): PermissionDiff[] {
  const [first, last] = from <= to ? [from, to] : [to, from];
  const changes = new Map<string, { agentId: number; deviceId: number; seqs: number[] }>();
  let after: string | undefined;
  do {
    const page = permissionHistory(db, { fromSeq: first + 1, toSeq: last, limit: PAGE, after });
    for (const { agentId, deviceId, seq } of page.items) {
      const key = `${agentId}.${deviceId}`;
      const known = changes.get(key);
      if (known === undefined) changes.set(key, { agentId, deviceId, seqs: [seq] });
      else known.seqs.push(seq);
    }
    after = page.next ?? undefined;
  } while (after !== undefined);
  return [...changes.values()]
    .flatMap(({ agentId, deviceId, seqs }) => {
      const [before, now] = [from, to].map((seq) => isAllowed(db, agentId, deviceId, seq)) as [
        boolean,
        boolean,
      ];
      return before === now ? [] : [{ agentId, deviceId, before, after: now, changes: seqs }];
    })
    .sort((a, b) => a.agentId - b.agentId || a.deviceId - b.deviceId);
}

/** Whether an agent could use a device after an event. */
function isAllowed(db: Database, agentId: number, deviceId: number, seq: number): boolean {
  const row = prepared<[object], PermissionRow>(
    db,
    `WITH pair (agent_id, device_id) AS (SELECT @agentId, @deviceId) ${PERMISSION_AT}`,
  ).get({ at: seq, agentId, deviceId });
  return row?.allowed === 1;
}
