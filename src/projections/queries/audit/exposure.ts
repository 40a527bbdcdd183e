import { timeText } from "#base/time.ts";
import type { Database } from "#store/database.ts";
import type { ExposureCause } from "../../exposures.ts";
import { type Page, type PageRequest, pageOf } from "../page.ts";
import { prepared } from "../prepared.ts";

/** An interval in which the firmware allowed what it should not. */
export interface ExposureView {
  readonly agentId: number;
  readonly deviceId: number;
  readonly fromSeq: number;
  readonly fromTime: string;
  /** The event that ended it, or null: it lasted. */
  readonly toSeq: number | null;
  readonly toTime: string | null;
  /** The domain that held the agent when it began, or null. */
  readonly domid: number | null;
  readonly cause: ExposureCause;
}

export interface ExposureRequest extends PageRequest<string> {
  /** As it was known after this event. */
  readonly at: number;
  readonly agentId?: number | undefined;
  readonly deviceId?: number | undefined;
  /** Only what lasted. */
  readonly open?: boolean | undefined;
}

/** Form of the cursors of {@link exposures}: event, agent and device. */
export const EXPOSURE_CURSOR = /^(\d{1,16})\.(\d{1,10})\.(\d{1,10})$/;

interface Row extends Omit<ExposureView, "fromTime" | "toTime"> {
  readonly fromTime: number;
  readonly toTime: number | null;
}

/** The exposures that had begun by an event, in the order in which they began. */
export function exposures(db: Database, request: ExposureRequest): Page<ExposureView, string> {
  const { at, agentId, deviceId, open, limit, after } = request;
  const [fromSeq, fromAgent, fromDevice] = EXPOSURE_CURSOR.exec(after ?? "")
    ?.slice(1)
    .map(Number) ?? [-1, -1, -1];
  const rows = prepared<[object], Row>(
    db,
    `SELECT agent_id AS agentId, device_id AS deviceId, from_seq AS fromSeq, from_time AS fromTime,
       CASE WHEN to_seq <= @at THEN to_seq END AS toSeq, CASE WHEN to_seq <= @at THEN to_time END AS toTime, domid, cause
     FROM exposures
     WHERE from_seq <= @at AND (from_seq, agent_id, device_id) > (@fromSeq, @fromAgent, @fromDevice)
       ${agentId === undefined ? "" : "AND agent_id = @agentId"}
       ${deviceId === undefined ? "" : "AND device_id = @deviceId"}
       ${open === true ? "AND (to_seq IS NULL OR to_seq > @at)" : ""}
     ORDER BY from_seq, agent_id, device_id LIMIT @limit`,
  ).all({
    at,
    fromSeq,
    fromAgent,
    fromDevice,
    limit: limit + 1,
    ...(agentId === undefined ? {} : { agentId }),
    ...(deviceId === undefined ? {} : { deviceId }),
  });
  const views = rows.map(({ fromTime, toTime, ...row }) => ({
    ...row,
    fromTime: timeText(fromTime),
    toTime: toTime === null ? null : timeText(toTime),
  }));
  return pageOf(views, limit, (item) => `${item.fromSeq}.${item.agentId}.${item.deviceId}`);
}
