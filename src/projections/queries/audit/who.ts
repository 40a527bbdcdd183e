import { timeText } from "#base/time.ts";
import type { Database } from "#store/database.ts";
import { PERMISSION_AT, type PermissionRow } from "../permissions-at.ts";
import { prepared } from "../prepared.ts";

/** Somebody who may use a device: an agent, the domain that held it, and how it came to be allowed. */
export interface HolderView {
  readonly agentId: number;
  /** By the board of now, or null: that has no such agent. */
  readonly agentName: string | null;
  readonly domid: number | null;
  readonly uuid: string | null;
  readonly domainName: string | null;
  readonly sinceSeq: number;
  readonly sinceTime: string;
  /** Whether the board gives it by default. */
  readonly isDefault: boolean;
  /** Kind of the command that allowed it, who gave that, and why. */
  readonly cause: string | null;
  readonly actor: string | null;
  readonly reason: string | null;
}

interface HolderRow extends PermissionRow {
  readonly agentName: string | null;
  readonly domid: number | null;
  readonly uuid: string | null;
  readonly domainName: string | null;
  readonly cause: string | null;
  readonly actor: string | null;
  readonly reason: string | null;
}

/** Who could use a device after an event, by agent. Nobody before the first host boot. */
export function whoHas(db: Database, deviceId: number, seq: number): HolderView[] {
  return prepared<[object], HolderRow>(
    db,
    `WITH pair AS (
       SELECT a.agent_id, @deviceId AS device_id
       FROM permission_rules AS b JOIN permission_agents AS a ON a.configured_seq = b.configured_seq
       WHERE b.from_seq = (SELECT max(from_seq) FROM permission_rules WHERE from_seq <= @at)
     ),
     held AS (${PERMISSION_AT})
     SELECT h.*, n.name AS agentName, d.domid, d.uuid, d.name AS domainName, k.kind AS cause, k.actor, k.reason
     FROM held AS h
     LEFT JOIN agents AS n ON n.agent_id = h.agentId
     LEFT JOIN domains AS d ON d.created_seq = (
       SELECT max(created_seq) FROM domains
       WHERE agent_id = h.agentId AND created_seq <= @at AND (destroyed_seq IS NULL OR destroyed_seq > @at)
     )
     LEFT JOIN events AS e ON e.seq = h.sinceSeq
     LEFT JOIN commands AS k ON k.id = e.command_id
     WHERE h.allowed ORDER BY h.agentId`,
  )
    .all({ deviceId, at: seq })
    .map(({ sinceTime, isDefault, agentId, agentName, domid, uuid, domainName, sinceSeq, ...how }) => ({
      agentId,
      agentName,
      domid,
      uuid,
      domainName,
      sinceSeq,
      sinceTime: timeText(sinceTime),
      isDefault: isDefault === 1,
      cause: how.cause,
      actor: how.actor,
      reason: how.reason,
    }));
}
