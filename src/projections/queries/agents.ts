import { hexWord } from "#base/hex.ts";
import type { Database } from "#store/database.ts";
import { type Page, type PageRequest, pageOf } from "./page.ts";
import { prepared } from "./prepared.ts";

/** An agent as the API shows it; `funcId` and `shmem` are hex. `domid`: who holds it, or null. */
export interface AgentView {
  readonly id: number;
  readonly name: string;
  readonly funcId: string;
  readonly shmem: string;
  readonly role: "management" | "ospm";
  readonly domid: number | null;
}

type AgentRow = Omit<AgentView, "funcId" | "shmem"> & { readonly funcId: number; readonly shmem: number };

const COLUMNS = "agent_id AS id, name, func_id AS funcId, shmem, role, domid";

/** The agents that the firmware lists, by id. */
export function agents(db: Database, { limit, after }: PageRequest): Page<AgentView> {
  const rows = prepared<[number, number], AgentRow>(
    db,
    `SELECT ${COLUMNS} FROM agents WHERE agent_id > ? ORDER BY agent_id LIMIT ?`,
  ).all(after ?? -1, limit + 1);
  return pageOf(rows.map(view), limit, ({ id }) => id);
}

export function agent(db: Database, agentId: number): AgentView | undefined {
  const row = prepared<[number], AgentRow>(db, `SELECT ${COLUMNS} FROM agents WHERE agent_id = ?`).get(
    agentId,
  );
  return row && view(row);
}

function view({ id, name, funcId, shmem, role, domid }: AgentRow): AgentView {
  return { id, name, funcId: hexWord(funcId), shmem: hexWord(shmem), role, domid };
}
