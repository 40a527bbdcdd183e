import { hexWord } from "#base/hex.ts";
import { timeText } from "#base/time.ts";
import { commandById, protocolById } from "#scmi/registry.ts";
import type { Database } from "#store/database.ts";
import { type Page, type PageRequest, pageOf } from "../page.ts";
import { prepared } from "../prepared.ts";

/** A message that the firmware answered DENIED. */
export interface DenialView {
  readonly seq: number;
  readonly time: string;
  readonly agentId: number;
  readonly domid: number | null;
  /** Names where they are known, else numbers in hex. */
  readonly protocol: string;
  readonly message: string;
  readonly resource: number | null;
  readonly deviceId: number | null;
}

/** Which denials are asked for; `fromSeq` and `toSeq` are the first and the last event. */
export interface DenialsRequest extends PageRequest {
  readonly agentId?: number | undefined;
  readonly deviceId?: number | undefined;
  readonly domid?: number | undefined;
  readonly fromSeq: number;
  readonly toSeq: number;
}

interface Row extends Omit<DenialView, "time" | "protocol" | "message"> {
  readonly time: number;
  readonly protocol: number;
  readonly message: number;
}

/** The denied messages of a range, in order. */
export function denials(db: Database, request: DenialsRequest): Page<DenialView> {
  const { agentId, deviceId, domid, fromSeq, toSeq, limit, after } = request;
  const given = Object.entries({ agent_id: agentId, device_id: deviceId, domid }).filter(
    ([, value]) => value !== undefined,
  );
  const rows = prepared<[object], Row>(
    db,
    `SELECT d.seq, e.time, d.agent_id AS agentId, d.domid, d.protocol, d.message, d.resource, d.device_id AS deviceId
     FROM denials AS d JOIN events AS e ON e.seq = d.seq
     WHERE d.seq BETWEEN @first AND @toSeq ${given.map(([column]) => `AND d.${column} = @${column}`).join(" ")}
     ORDER BY d.seq LIMIT @limit`,
  ).all({
    first: Math.max(fromSeq, (after ?? 0) + 1),
    toSeq,
    limit: limit + 1,
    ...Object.fromEntries(given),
  });
  return pageOf(rows.map(view), limit, ({ seq }) => seq);
}

function view({ time, protocol, message, ...row }: Row): DenialView {
  return {
    ...row,
    time: timeText(time),
    protocol: protocolById(protocol)?.name ?? hexWord(protocol),
    message: commandById(protocol, message)?.name ?? hexWord(message),
  };
}
