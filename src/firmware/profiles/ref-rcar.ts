import type { BASE } from "#scmi/protocols/base.ts";
import type { CLOCK } from "#scmi/protocols/clock.ts";
import { isAgent } from "../board-index.ts";
import { isTrusted } from "../protocols/base.ts";
import { noSuchId } from "../protocols/common.ts";
import type { Handlers } from "../server-types.ts";
import type { Profile } from "./profile.ts";
import { REF } from "./ref.ts";

/** R-Car has no device table: whatever device is named, there is none, and there is nothing to take back. */
const base: Handlers<(typeof BASE)["commands"]> = {
  BASE_SET_DEVICE_PERMISSIONS: (context) => (isTrusted(context) ? noSuchId(context.board) : "DENIED"),

  BASE_RESET_AGENT_CONFIGURATION: (context, { agentId }) => {
    if (!isTrusted(context)) return "DENIED";
    return isAgent(context.board, agentId) ? "NOT_SUPPORTED" : noSuchId(context.board);
  },
};

/** Every clock of R-Car has the one rate that it has: any other is accepted, and nothing changes. */
const clock: Handlers<(typeof CLOCK)["commands"]> = {
  CLOCK_RATE_SET: ({ board }, { clockId }) =>
    board.resources.clock.byId.has(clockId) ? "SUCCESS" : noSuchId(board),
};

/**
 * The reference EL3 firmware as Renesas R-Car V4H runs it: permission commands that lead nowhere, and nothing enforced.
 *
 * @see scmi-reference.md 4.2, 4.5, 5.2
 */
export const REF_RCAR: Profile = {
  ...REF,
  name: "ref-rcar",
  doc: "The reference EL3 firmware on Renesas R-Car V4H: no devices, no permissions.",
  switches: {
    ...REF.switches,
    permissionsEnforced: false,
    // Only domains that firmware forces on are switched on at power-on; the others that are always on have no users yet.
    pdAlwaysOnCounted: false,
  },
  handlers: { base, clock },
};
