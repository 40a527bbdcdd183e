import type { Scalar } from "#base/cells.ts";
import { CLOCK } from "#scmi/protocols/clock.ts";
import { PERFORMANCE } from "#scmi/protocols/performance.ts";
import { POWER_DOMAIN, POWER_STATES } from "#scmi/protocols/power-domain.ts";
import { POWERCAP, POWERCAP_LIMITS } from "#scmi/protocols/powercap.ts";
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
  "performance.level": (notifier, agentId, domainId, level) =>
    raise(
      notifier,
      PERFORMANCE.commands.PERFORMANCE_NOTIFY_LEVEL,
      PERFORMANCE.sent.PERFORMANCE_LEVEL_CHANGED,
      domainId,
      { agentId, domainId, performanceLevel: Number(level ?? 0) },
    ),
  "performance.max": tellLimits,
  "performance.min": (notifier, agentId, domainId) => {
    const isToldWithMax = notifier.draft
      .effects()
      .some(({ table, row, column }) => table === "performance" && row === domainId && column === "max");
    if (!isToldWithMax) tellLimits(notifier, agentId, domainId);
  },
  ...Object.fromEntries(
    Array.from({ length: POWERCAP_LIMITS }, (_, cpli) => [
      `powercap.cap${cpli}`,
      (notifier, agentId, domainId) => tellCap(notifier, agentId, domainId, cpli),
    ]) satisfies [string, Teller][],
  ),
  "powercap.pai": (notifier, agentId, domainId) => {
    const isToldWithCap = notifier.draft
      .effects()
      .some(({ table, row, column }) => table === "powercap" && row === domainId && column === "cap0");
    if (!isToldWithCap) tellCap(notifier, agentId, domainId, 0);
  },
};

/** A cap is told with the averaging interval, and the interval with the cap of limit 0. */
function tellCap(notifier: Notifier, agentId: number, domainId: number, cpli: number): void {
  const powerCap = notifier.draft.get("powercap", domainId, `cap${cpli}`) ?? 0;
  const interval = notifier.draft.get("powercap", domainId, "pai") ?? 0;
  raise(notifier, POWERCAP.commands.POWERCAP_CAP_NOTIFY, POWERCAP.sent.POWERCAP_CAP_CHANGED, domainId, {
    agentId,
    domainId,
    powerCap,
    interval,
    cpli,
  });
}

/** Both limits are told at once. */
function tellLimits(notifier: Notifier, agentId: number, domainId: number): void {
  const rangeMax = notifier.draft.get("performance", domainId, "max") ?? 0;
  const rangeMin = notifier.draft.get("performance", domainId, "min") ?? 0;
  raise(
    notifier,
    PERFORMANCE.commands.PERFORMANCE_NOTIFY_LIMITS,
    PERFORMANCE.sent.PERFORMANCE_LIMITS_CHANGED,
    domainId,
    { agentId, domainId, rangeMax, rangeMin },
  );
}

/** Tells of every cell that a message made something else, in the order of the first writes. */
export function announceChanges(notifier: Notifier, agentId: number): void {
  const { board, draft } = notifier;
  if (!board.hasP2a || !board.switches.notifications) return;
  for (const { table, row, column, value } of draft.effects()) {
    TELLERS[`${table}.${column}`]?.(notifier, agentId, row, value);
  }
}
