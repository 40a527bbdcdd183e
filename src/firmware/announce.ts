import type { Scalar } from "#base/cells.ts";
import { CLOCK } from "#scmi/protocols/clock.ts";
import { POWER_DOMAIN, POWER_STATES } from "#scmi/protocols/power-domain.ts";
import { type Notifier, raise } from "./notifications.ts";

/** Tells of one cell that became something else; `agentId`: whose command it was. */
type Teller = (notifier: Notifier, agentId: number, id: number, value: Scalar | undefined) => void;

/**
 * Notifications of changes, by `table.column` of the cell. They follow from the cell, whoever changed it and why: a power domain
 * that goes off because its child did, or because an agent that held it was reset, is told of all the same.
 */
const TELLERS: { readonly [cell: string]: Teller | undefined } = {
  "powerDomain.on": (notifier, agentId, domainId, on) =>
    raise(
      notifier,
      POWER_DOMAIN.commands.POWER_STATE_NOTIFY,
      POWER_DOMAIN.sent.POWER_STATE_CHANGED,
      domainId,
      { agentId, domainId, powerState: on === true ? POWER_STATES.ON : POWER_STATES.OFF },
    ),
  "clock.rate": (notifier, agentId, clockId, rate) =>
    raise(notifier, CLOCK.commands.CLOCK_RATE_NOTIFY, CLOCK.sent.CLOCK_RATE_CHANGED, clockId, {
      agentId,
      clockId,
      rate: BigInt(Number(rate ?? 0)),
    }),
};

/** Tells of every cell that a message made something else, in the order of the first writes. */
export function announceChanges(notifier: Notifier, agentId: number): void {
  const { board, draft } = notifier;
  if (!board.hasP2a || !board.switches.notifications) return;
  for (const { table, row, column, value } of draft.effects()) {
    TELLERS[`${table}.${column}`]?.(notifier, agentId, row, value);
  }
}
