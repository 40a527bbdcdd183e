import { timeText } from "#base/time.ts";
import type { Database } from "#store/database.ts";
import { isDefaultSql } from "../default-access.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";
import { prepared } from "./prepared.ts";

/** A cell of the matrix. It has been so since `sinceSeq`; a default since the host boot, or since the event that restored it. */
export interface PermissionView {
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean;
  readonly sinceSeq: number;
  readonly sinceTime: string;
}

/** Form of the cursors of {@link permissionsAt}: agent and device of a cell. */
export const CELL_CURSOR = /^(\d{1,10})\.(\d{1,10})$/;

/** A part of the matrix: of one agent or of one device, where they are given. */
export interface PermissionsRequest extends PageRequest<string> {
  readonly onlyAgent?: number | undefined;
  readonly onlyDevice?: number | undefined;
}

/** A permission at a moment, and what it comes from. */
export interface PermissionRow {
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: number;
  readonly sinceSeq: number;
  readonly sinceTime: number;
  /** The host boot and the board whose defaults rule. */
  readonly bootSeq: number;
  readonly configuredSeq: number | null;
  /** Whether the board's default holds. */
  readonly isDefault: number;
}

/**
 * SQL for permissions after event `@at`, of the pairs that a query names `pair`: the last interval that began by then either
 * still holds, or the defaults of the host boot do.
 */
export const PERMISSION_AT = `
  SELECT pair.agent_id AS agentId, pair.device_id AS deviceId, r.from_seq AS bootSeq, r.configured_seq AS configuredSeq,
    h.from_seq IS NULL OR coalesce(h.to_seq <= @at, 0) AS isDefault,
    CASE
      WHEN h.from_seq IS NULL OR h.to_seq <= @at
      THEN ${isDefaultSql((name) => name, { board: "r.configured_seq", agent: "pair.agent_id", device: "pair.device_id" })}
      ELSE h.allowed
    END AS allowed,
    CASE
      WHEN h.to_seq IS NULL OR h.to_seq > @at THEN coalesce(h.from_seq, r.from_seq)
      ELSE max(h.to_seq, r.from_seq)
    END AS sinceSeq,
    CASE
      WHEN h.to_seq IS NULL OR h.to_seq > @at THEN coalesce(h.from_time, r.from_time)
      ELSE max(h.to_time, r.from_time)
    END AS sinceTime
  FROM pair, permission_rules AS r
  LEFT JOIN permission_history AS h
    ON h.agent_id = pair.agent_id AND h.device_id = pair.device_id AND h.from_seq = (
      SELECT max(from_seq) FROM permission_history AS i
      WHERE i.agent_id = pair.agent_id AND i.device_id = pair.device_id AND i.from_seq <= @at
    )
  WHERE r.from_seq = (SELECT max(from_seq) FROM permission_rules WHERE from_seq <= @at)`;

/**
 * Who may use which device after an event: every agent that the board of that boot lists, with every device of it, by agent and
 * device. Nothing before the first host boot.
 *
 * @param seq the event after which; a moment in the past is one query like the present
 */
export function permissionsAt(
  db: Database,
  seq: number,
  { limit, after, onlyAgent, onlyDevice }: PermissionsRequest,
): Page<PermissionView, string> {
  const [agentId, deviceId] = readCursor(after);
  const rows = prepared<[object], PermissionRow>(
    db,
    `WITH pair AS NOT MATERIALIZED (
       SELECT a.agent_id, d.device_id
       FROM permission_rules AS b CROSS JOIN permission_agents AS a CROSS JOIN permission_devices AS d
       WHERE b.from_seq = (SELECT max(from_seq) FROM permission_rules WHERE from_seq <= @at)
         AND a.configured_seq = b.configured_seq AND a.agent_id >= @agentId
         AND d.configured_seq = b.configured_seq AND (a.agent_id > @agentId OR d.device_id > @deviceId)
         ${onlyAgent === undefined ? "" : "AND a.agent_id = @onlyAgent"}
         ${onlyDevice === undefined ? "" : "AND d.device_id = @onlyDevice"}
       ORDER BY a.agent_id, d.device_id LIMIT @limit
     )
     ${PERMISSION_AT} ORDER BY pair.agent_id, pair.device_id`,
  ).all({
    at: seq,
    agentId,
    deviceId,
    limit: limit + 1,
    ...(onlyAgent === undefined ? {} : { onlyAgent }),
    ...(onlyDevice === undefined ? {} : { onlyDevice }),
  });
  return pageOf(rows.map(view), limit, (item) => `${item.agentId}.${item.deviceId}`);
}

function view({ agentId, deviceId, allowed, sinceSeq, sinceTime }: PermissionRow): PermissionView {
  return { agentId, deviceId, allowed: allowed === 1, sinceSeq, sinceTime: timeText(sinceTime) };
}

function readCursor(after: string | undefined): [agentId: number, deviceId: number] {
  const [, agentId, deviceId] = CELL_CURSOR.exec(after ?? "") ?? [];
  return [Number(agentId ?? -1), Number(deviceId ?? -1)];
}
