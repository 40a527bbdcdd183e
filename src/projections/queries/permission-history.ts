import { timeText } from "#base/time.ts";
import type { Database } from "#store/database.ts";
import { isDefaultSql } from "../default-access.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";
import { prepared } from "./prepared.ts";

/** A permission that became another one. */
export interface PermissionChangeView {
  readonly seq: number;
  readonly time: string;
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean;
  /** Kind of the command that brought it: `device.assign`, `domain.destroy`, `host.configure`, …; null: the log lacks it. */
  readonly cause: string | null;
  readonly actor: string | null;
  readonly reason: string | null;
  /** The domain that held the agent then, or null. */
  readonly domid: number | null;
}

/** Which changes are asked for; `fromSeq` and `toSeq` are the first and the last event. */
export interface PermissionHistoryRequest extends PageRequest<string> {
  readonly agentId?: number | undefined;
  readonly deviceId?: number | undefined;
  readonly domid?: number | undefined;
  readonly fromSeq?: number | undefined;
  readonly toSeq?: number | undefined;
}

/** Form of the cursors of {@link permissionHistory}: event, agent and device of a change. */
export const CHANGE_CURSOR = /^(\d{1,16})\.(\d{1,10})\.(\d{1,10})$/;

interface ChangeRow {
  readonly seq: number;
  readonly time: number;
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: number;
  readonly domid: number | null;
  readonly cause: string | null;
  readonly actor: string | null;
  readonly reason: string | null;
}

const INTERVALS_BEGUN = `
  SELECT from_seq AS seq, from_time AS time, agent_id AS agentId, device_id AS deviceId, allowed, from_domid AS domid
  FROM permission_history WHERE allowed <> was`;

const INTERVALS_ENDED = `
  SELECT to_seq AS seq, to_time AS time, agent_id AS agentId, device_id AS deviceId, becomes AS allowed, to_domid AS domid
  FROM permission_history WHERE becomes <> allowed`;

/** What the first boot gave by default, and each boot of another board. What an interval ended at it tells is not told twice. */
const DEFAULTS_GIVEN = defaultsOf("r.configured_seq", "r.replaces", 1);
const DEFAULTS_TAKEN = defaultsOf("r.replaces", "r.configured_seq", 0);

function defaultsOf(having: string, lacking: string, allowed: 0 | 1): string {
  return `
  SELECT r.from_seq AS seq, r.from_time AS time, a.agent_id AS agentId, d.device_id AS deviceId, ${allowed} AS allowed,
    NULL AS domid
  FROM permission_rules AS r CROSS JOIN permission_agents AS a CROSS JOIN permission_devices AS d
  WHERE r.replaces IS NOT r.configured_seq AND a.configured_seq = ${having} AND d.configured_seq = ${having}
    AND (d.everyone OR a.agent_id IN (SELECT value FROM json_each(d.agents)))
    AND NOT ${isDefaultSql((name) => name, { board: lacking, agent: "a.agent_id", device: "d.device_id" })}
    AND NOT EXISTS (
      SELECT 1 FROM permission_history AS h
      WHERE h.to_seq = r.from_seq AND h.agent_id = a.agent_id AND h.device_id = d.device_id
    )`;
}

/**
 * Every change of a permission, in order: each pair of agent and device that is another after an event than before it. Before the
 * first boot nothing is allowed; a boot that restores a default is a change, one that keeps it is none.
 */
export function permissionHistory(
  db: Database,
  request: PermissionHistoryRequest,
): Page<PermissionChangeView, string> {
  const { agentId, deviceId, domid, fromSeq, toSeq, limit } = request;
  const cursor = CHANGE_CURSOR.exec(request.after ?? "")
    ?.slice(1)
    .map(Number);
  const params = {
    ...(agentId === undefined ? {} : { agentId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(domid === undefined ? {} : { domid }),
    ...(toSeq === undefined ? {} : { toSeq }),
    ...(cursor === undefined ? {} : { afterSeq: cursor[0], afterAgent: cursor[1], afterDevice: cursor[2] }),
    fromSeq: Math.max(fromSeq ?? 0, cursor?.[0] ?? 0),
    limit: limit + 1,
  };
  const rows = prepared<[object], ChangeRow>(db, changesSql(request, cursor !== undefined)).all(params);
  return pageOf(rows.map(view), limit, (item) => `${item.seq}.${item.agentId}.${item.deviceId}`);
}

/** Each source gives its first `@limit` changes from an index; together they hold the first ones of all. */
function changesSql(request: PermissionHistoryRequest, isContinued: boolean): string {
  const conditions = ["seq >= @fromSeq"];
  if (isContinued) {
    conditions.push("(seq, agentId, deviceId) > (@afterSeq, @afterAgent, @afterDevice)");
    // Said again without the device, so that defaults skip whole agents.
    conditions.push("(seq > @afterSeq OR agentId >= @afterAgent)");
  }
  if (request.toSeq !== undefined) conditions.push("seq <= @toSeq");
  if (request.agentId !== undefined) conditions.push("agentId = @agentId");
  if (request.deviceId !== undefined) conditions.push("deviceId = @deviceId");
  if (request.domid !== undefined) conditions.push("domid = @domid");
  // Defaults come with a boot, when no domain holds an agent.
  const sources =
    request.domid === undefined
      ? [INTERVALS_BEGUN, INTERVALS_ENDED, DEFAULTS_GIVEN, DEFAULTS_TAKEN]
      : [INTERVALS_BEGUN, INTERVALS_ENDED];
  const firsts = sources.map(
    (source) =>
      `SELECT * FROM (SELECT * FROM (${source}) WHERE ${conditions.join(" AND ")} ORDER BY seq, agentId, deviceId LIMIT @limit)`,
  );
  return `
    SELECT c.seq, c.time, c.agentId, c.deviceId, c.allowed, c.domid, k.kind AS cause, k.actor, k.reason
    FROM (${firsts.join(" UNION ALL ")}) AS c
    LEFT JOIN events AS e ON e.seq = c.seq
    LEFT JOIN commands AS k ON k.id = e.command_id
    ORDER BY c.seq, c.agentId, c.deviceId LIMIT @limit`;
}

function view({ time, allowed, ...rest }: ChangeRow): PermissionChangeView {
  const { seq, agentId, deviceId, cause, actor, reason, domid } = rest;
  return {
    seq,
    time: timeText(time),
    agentId,
    deviceId,
    allowed: allowed === 1,
    cause,
    actor,
    reason,
    domid,
  };
}
