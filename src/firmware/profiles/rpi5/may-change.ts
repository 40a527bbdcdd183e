import type { MayChange } from "../../access/may-change.ts";
import { type AccessRules, hasAccess } from "../../access/resource-access.ts";

/** Resets and pins are guarded; what no device lists is agent 0's alone. */
export const RULES: AccessRules = { protocols: ["reset", "pinctrl"], unlisted: "denied" };

/** Whether an agent may reset a line or set up a pin; nothing else is guarded. */
export const mayChange: MayChange = (board, draft, caller, protocol, id) => {
  if (caller === 0 && board.switches.agent0Privileged) return true;
  const guarded = RULES.protocols.find((name) => name === protocol);
  return guarded === undefined || hasAccess(board, draft, caller, { protocol: guarded, id }, RULES);
};
