import type { DomainConfig, DomainOrigin } from "#events/types.ts";
import type { Database } from "#store/database.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";
import { prepared } from "./prepared.ts";

export type ListedState = "running" | "shutdown" | "dying" | "destroyed";

/** A device assigned to a domain: the SCMI devices that it got permission for, and since which event. */
export interface AssignedDeviceView {
  readonly path: string;
  readonly deviceIds: readonly number[];
  readonly seq: number;
}

/** A domain as the API shows it: a live one, or one that was. */
export interface ListedDomain {
  readonly domid: number;
  readonly uuid: string;
  readonly name: string;
  readonly origin: DomainOrigin;
  readonly state: ListedState;
  readonly sciType: string;
  readonly agentId: number | null;
  readonly devices: readonly AssignedDeviceView[];
  readonly createdSeq: number;
  readonly destroyedSeq: number | null;
}

type DomainRow = Omit<ListedDomain, "devices"> & { readonly devices: string };

const SELECT = `
  SELECT domid, uuid, name, origin, state, sci_type AS sciType, agent_id AS agentId, created_seq AS createdSeq,
    destroyed_seq AS destroyedSeq,
    (SELECT json_group_array(json_object('path', path, 'deviceIds', json(device_ids), 'seq', seq) ORDER BY seq)
     FROM domain_devices AS a WHERE a.created_seq = d.created_seq) AS devices
  FROM domains AS d`;

/** Every domain that there is or was, of one state where one is given; by the event that created it. */
export function domains(
  db: Database,
  { limit, after, state }: PageRequest & { readonly state?: ListedState | undefined },
): Page<ListedDomain> {
  const rows =
    state === undefined
      ? prepared<[number, number], DomainRow>(
          db,
          `${SELECT} WHERE created_seq > ? ORDER BY created_seq LIMIT ?`,
        ).all(after ?? 0, limit + 1)
      : prepared<[string, number, number], DomainRow>(
          db,
          `${SELECT} WHERE state = ? AND created_seq > ? ORDER BY created_seq LIMIT ?`,
        ).all(state, after ?? 0, limit + 1);
  return pageOf(rows.map(view), limit, ({ createdSeq }) => createdSeq);
}

/**
 * The latest holder of a domid; of a name or a uuid the one that lives, else the latest.
 *
 * @param at of those that were created by this event; a name's or a uuid's latest then. Left out: of all
 */
export function domain(db: Database, ref: number | string, at?: number): ListedDomain | undefined {
  if (typeof ref === "number") {
    const row = prepared<[number, number], DomainRow>(
      db,
      `${SELECT} WHERE domid = ? AND created_seq <= ? ORDER BY created_seq DESC LIMIT 1`,
    ).get(ref, at ?? Number.MAX_SAFE_INTEGER);
    return row && view(row);
  }
  const order = at === undefined ? "destroyed_seq IS NULL DESC, created_seq DESC" : "created_seq DESC";
  const row = prepared<[string, string, number], DomainRow>(
    db,
    `${SELECT} WHERE (name = ? OR uuid = ?) AND created_seq <= ? ORDER BY ${order} LIMIT 1`,
  ).get(ref, ref.toLowerCase(), at ?? Number.MAX_SAFE_INTEGER);
  return row && view(row);
}

/** What a domain was asked to be, by the event that created it. */
export function domainConfig(db: Database, createdSeq: number): DomainConfig | undefined {
  const config = prepared<[number], { config: string }>(
    db,
    "SELECT config FROM domains WHERE created_seq = ?",
  ).get(createdSeq);
  return config && (JSON.parse(config.config) as DomainConfig);
}

function view(row: DomainRow): ListedDomain {
  const { domid, uuid, name, origin, state, sciType, agentId, createdSeq, destroyedSeq } = row;
  const devices = JSON.parse(row.devices) as AssignedDeviceView[];
  return { domid, uuid, name, origin, state, sciType, agentId, devices, createdSeq, destroyedSeq };
}
