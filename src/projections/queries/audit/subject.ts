import type { Database } from "#store/database.ts";
import { prepared } from "../prepared.ts";

/** The agent of a name on the board of now, or null. */
export function agentNamed(db: Database, name: string): number | null {
  return (
    prepared<[string], { id: number }>(db, "SELECT min(agent_id) AS id FROM agents WHERE name = ?").get(name)
      ?.id ?? null
  );
}

/** The device of a name on the board of now, or null. */
export function deviceNamed(db: Database, name: string): number | null {
  return (
    prepared<[string], { id: number }>(db, "SELECT min(device_id) AS id FROM devices WHERE name = ?").get(
      name,
    )?.id ?? null
  );
}

/** A domain as a question needs it. */
export interface AskedDomain {
  readonly domid: number;
  readonly agentId: number | null;
}

/** The latest domain, not after an event, of a domid, a uuid or a name; of a name one that lived then goes before. */
export function domainNamed(db: Database, ref: string, seq: number): AskedDomain | null {
  const column = /^\d{1,5}$/.test(ref) ? "domid" : /^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(ref) ? "uuid" : "name";
  const value = column === "domid" ? Number(ref) : column === "uuid" ? ref.toLowerCase() : ref;
  return (
    prepared<[object], AskedDomain>(
      db,
      `SELECT domid, agent_id AS agentId FROM domains WHERE ${column} = @value AND created_seq <= @seq
       ORDER BY (destroyed_seq IS NULL OR destroyed_seq > @seq) DESC, created_seq DESC LIMIT 1`,
    ).get({ value, seq }) ?? null
  );
}
