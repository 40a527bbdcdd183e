import type { MayChange } from "../../access/may-change.ts";
import { type AccessRules, hasAccess } from "../../access/resource-access.ts";

/** Bits for the resources of every protocol that has some, set unless something clears them. */
export const RULES: AccessRules = {
  protocols: ["power", "performance", "clock", "sensor", "reset", "voltage", "powercap"],
  unlisted: "allowed",
};

/** Whether an agent has a resource's bit. */
export const mayChange: MayChange = (board, draft, caller, protocol, id) => {
  const guarded = RULES.protocols.find((name) => name === protocol);
  if (guarded === undefined) return true;
  // The table of power caps is made for none, and so denies each that there is.
  if (guarded === "powercap" && board.guards.powercap.size > 0) return false;
  return hasAccess(board, draft, caller, { protocol: guarded, id }, RULES);
};
