import type { SmcForwarded } from "#events/types.ts";
import { type Handlers, handlerOf, OUTSIDE_THE_MACHINE, type Projection } from "./projection.ts";
import { answeredStatus } from "./use/answer.ts";

/** The columns of `smc_counters` that count errors: SCMI status -1 first, then -2 and so on. */
export const ERROR_COLUMNS = [
  "not_supported",
  "invalid_parameters",
  "denied",
  "not_found",
  "out_of_range",
  "busy",
  "comms_error",
  "generic_error",
  "hardware_error",
  "protocol_error",
  "in_use",
] as const;

/** `agent_id` of SMCs that came on no agent's channel. */
export const NO_AGENT = -1;

const COUNTED = ["forwarded", "refused", "unanswered", ...ERROR_COLUMNS, "other_status"] as const;
const FORWARDED = COUNTED.indexOf("forwarded");
const REFUSED = COUNTED.indexOf("refused");
const UNANSWERED = COUNTED.indexOf("unanswered");
const FIRST_ERROR = COUNTED.indexOf(ERROR_COLUMNS[0]);
const OTHER_STATUS = COUNTED.indexOf("other_status");

/** What an agent's SMCs of one transaction add to its row. */
interface Gathered {
  /** One number a column of `COUNTED`. */
  readonly counts: number[];
  lastSeq: number;
}

/**
 * SMCs by agent. Forwarding is the hot path: what the SMCs of a transaction add is gathered in memory, and each agent's row is
 * written once. The rows' own `last_seq` tells which events they have seen.
 */
export const smcCounters: Projection = {
  name: "smc_counters",
  version: 1,
  tables: ["smc_counters"],
  open(db, table) {
    const name = table("smc_counters");
    const seen = db.prepare<[], number | null>(`SELECT max(last_seq) FROM ${name}`).pluck();
    const add = db.prepare<number[]>(`
      INSERT INTO ${name} (agent_id, ${COUNTED.join(", ")}, last_seq)
      VALUES (?, ${COUNTED.map(() => "?").join(", ")}, ?)
      ON CONFLICT (agent_id) DO UPDATE SET
        ${COUNTED.map((column) => `${column} = ${column} + excluded.${column}`).join(", ")},
        last_seq = excluded.last_seq
    `);
    const gathered = new Map<number, Gathered>();
    let last: number | null = null;

    function of(agentId: number): Gathered {
      const known = gathered.get(agentId);
      if (known !== undefined) return known;
      const made: Gathered = { counts: COUNTED.map(() => 0), lastSeq: 0 };
      gathered.set(agentId, made);
      return made;
    }

    function count(agentId: number, column: number, seq: number): void {
      const row = of(agentId);
      row.counts[column] = (row.counts[column] as number) + 1;
      row.lastSeq = seq;
    }

    const handlers: Handlers = {
      "host.configured": null,
      "host.booted": null,
      "mediator.probed": null,
      "mediator.probe-failed": null,
      "domain.created": null,
      "domain.creation-refused": null,
      "domain.destroyed": null,
      "domain.destroy-refused": null,
      "domain.shutdown": null,
      "device.assigned": null,
      "device.assignment-refused": null,
      "smc.forwarded": ({ seq, agentId, data }) => {
        // While Xen has not asked a channel for its agent, only the firmware knows who it is.
        const caller = agentId ?? data.caller ?? NO_AGENT;
        count(caller, FORWARDED, seq);
        const column = columnOf(data);
        if (column !== null) count(caller, column, seq);
      },
      "smc.refused": ({ seq, agentId }) => count(agentId ?? NO_AGENT, REFUSED, seq),
      "agent.reset": null,
      "scmi.completed": null,
      "p2a.acknowledged": null,
      "sensor.changed": null,
      ...OUTSIDE_THE_MACHINE,
    };

    return {
      apply(event) {
        const handler = handlerOf(handlers, event);
        if (handler === null) return;
        last ??= seen.get() ?? 0;
        if (event.seq <= last) return;
        last = event.seq;
        handler(event);
      },
      flush() {
        for (const [agentId, { counts, lastSeq }] of gathered) add.run(agentId, ...counts, lastSeq);
        gathered.clear();
      },
      discard() {
        gathered.clear();
        last = null;
      },
    };
  },
};

/** Which column an answer counts in beside `forwarded`; null: it was SUCCESS. */
function columnOf(data: SmcForwarded): number | null {
  const status = answeredStatus(data);
  if (status === null) return UNANSWERED;
  if (status === 0) return null;
  const error = -status - 1;
  return error >= 0 && error < ERROR_COLUMNS.length ? FIRST_ERROR + error : OTHER_STATUS;
}
