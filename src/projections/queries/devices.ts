import type { Database } from "#store/database.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";
import { prepared } from "./prepared.ts";

/** An SCMI device as the API shows it. */
export interface DeviceView {
  readonly id: number;
  readonly name: string;
  /** Ids of what the device groups, by the board file's names of the kinds, e.g. `clocks`. */
  readonly resources: { readonly [kind: string]: readonly number[] };
  /** Nodes of the host device tree that name the device in `access-controllers`, sorted. */
  readonly paths: readonly string[];
}

interface DeviceRow {
  readonly id: number;
  readonly name: string;
  readonly resources: string;
  readonly paths: string;
}

const SELECT = `
  SELECT device_id AS id, name, resources,
    (SELECT json_group_array(path ORDER BY path) FROM device_paths AS p
     WHERE p.device_id = d.device_id AND p.bound) AS paths
  FROM devices AS d`;

/** The devices of the board, by id. */
export function devices(db: Database, { limit, after }: PageRequest): Page<DeviceView> {
  const rows = prepared<[number, number], DeviceRow>(
    db,
    `${SELECT} WHERE device_id > ? ORDER BY device_id LIMIT ?`,
  ).all(after ?? -1, limit + 1);
  return pageOf(rows.map(view), limit, ({ id }) => id);
}

export function device(db: Database, deviceId: number): DeviceView | undefined {
  const row = prepared<[number], DeviceRow>(db, `${SELECT} WHERE device_id = ?`).get(deviceId);
  return row && view(row);
}

function view({ id, name, resources, paths }: DeviceRow): DeviceView {
  return {
    id,
    name,
    resources: JSON.parse(resources) as DeviceView["resources"],
    paths: JSON.parse(paths) as string[],
  };
}
