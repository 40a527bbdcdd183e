import { hexWord } from "#base/hex.ts";
import type { Database } from "#store/database.ts";
import { prepared } from "./prepared.ts";

/** A row of Xen's channel table; `funcId` and `shmem` are hex. `owner` null: free. */
export interface ChannelView {
  readonly agentId: number;
  readonly funcId: string;
  readonly shmem: string;
  readonly owner: number | "xen" | null;
}

type ChannelRow = Omit<ChannelView, "funcId" | "shmem"> & { readonly funcId: number; readonly shmem: number };

/** Xen's channel table, in list order; empty while no mediator is registered. */
export function channels(db: Database): ChannelView[] {
  return prepared<[], ChannelRow>(
    db,
    "SELECT agent_id AS agentId, func_id AS funcId, shmem, owner FROM channels ORDER BY list_index",
  )
    .all()
    .map((row) => ({ ...row, funcId: hexWord(row.funcId), shmem: hexWord(row.shmem) }));
}
