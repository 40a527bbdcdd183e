import type { BASE } from "#scmi/protocols/base.ts";
import type { CLOCK } from "#scmi/protocols/clock.ts";
import { isTrusted } from "../../protocols/base.ts";
import { noSuchId } from "../../protocols/common.ts";
import { isAgent } from "../../resources/board-index.ts";
import type { Handlers } from "../../server-types.ts";

/** R-Car has no device table: whatever device is named, there is none, and there is nothing to take back. */
export const base: Handlers<(typeof BASE)["commands"]> = {
  BASE_SET_DEVICE_PERMISSIONS: (context) => (isTrusted(context) ? noSuchId(context.board) : "DENIED"),

  BASE_RESET_AGENT_CONFIGURATION: (context, { agentId }) => {
    if (!isTrusted(context)) return "DENIED";
    return isAgent(context.board, agentId) ? "NOT_SUPPORTED" : noSuchId(context.board);
  },
};

/** Every clock of R-Car has the one rate that it has: any other is accepted, and nothing changes. */
export const clock: Handlers<(typeof CLOCK)["commands"]> = {
  CLOCK_RATE_SET: ({ board }, { clockId }) =>
    board.resources.clock.byId.has(clockId) ? "SUCCESS" : noSuchId(board),
};
