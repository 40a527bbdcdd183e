import type { Database } from "#store/database.ts";
import { ERROR_COLUMNS, NO_AGENT } from "../smc-counters.ts";
import { prepared } from "./prepared.ts";

/** SMCs of one agent's channel; `agentId` null: those that came on none. */
export interface SmcCounters {
  readonly agentId: number | null;
  readonly forwarded: number;
  readonly refused: number;
  /** Forwarded, but no SCMI status came back. */
  readonly unanswered: number;
  /** Answers that were errors, by SCMI's name of the status; `other` for those without one. Only what occurred. */
  readonly errors: { readonly [status: string]: number };
  readonly lastSeq: number;
}

type CounterRow = { readonly [column: string]: number };

/** The counters of every agent that ever had an SMC, by agent. */
export function smcCounters(db: Database): SmcCounters[] {
  return prepared<[], CounterRow>(db, "SELECT * FROM smc_counters ORDER BY agent_id")
    .all()
    .map((row) => ({
      agentId: row["agent_id"] === NO_AGENT ? null : (row["agent_id"] as number),
      forwarded: row["forwarded"] as number,
      refused: row["refused"] as number,
      unanswered: row["unanswered"] as number,
      errors: errorsOf(row),
      lastSeq: row["last_seq"] as number,
    }));
}

function errorsOf(row: CounterRow): SmcCounters["errors"] {
  const named = ERROR_COLUMNS.map((column) => [column.toUpperCase(), row[column] ?? 0] as const);
  const all = [...named, ["other", row["other_status"] ?? 0] as const];
  return Object.fromEntries(all.filter(([, count]) => count > 0));
}
