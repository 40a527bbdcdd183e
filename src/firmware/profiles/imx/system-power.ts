import type { AccessLevel } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import { encodeFields, layoutFor } from "#scmi/layout.ts";
import { SYSTEM_POWER } from "#scmi/protocols/system-power.ts";
import { subscribe, subscribers } from "../../p2a/subscriptions.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { resetAgent } from "./agent-reset.ts";
import { negotiate } from "./common.ts";
import { type Instance, instanceOf, instancesOf, numberOf } from "./instances.ts";
import { hasSystemLevel } from "./levels.ts";

const { SYSTEM_POWER_STATE_SET, SYSTEM_POWER_STATE_NOTIFY } = SYSTEM_POWER.commands;
const { SYSTEM_POWER_STATE_NOTIFIER } = SYSTEM_POWER.sent;

/** States: of the caller's own machine up to SUSPEND and WAKE, of the whole system from FULL_SHUTDOWN on. */
const STATES = {
  SHUTDOWN: 0,
  COLD_RESET: 1,
  WARM_RESET: 2,
  POWER_UP: 3,
  SUSPEND: 4,
  WAKE: 0x8000_0000,
  FULL_SHUTDOWN: 0x8000_0001,
  FULL_RESET: 0x8000_0002,
  FULL_SUSPEND: 0x8000_0003,
  FULL_WAKE: 0x8000_0004,
  /** From here on a sleep mode. */
  MODE: 0xc000_0000,
} as const;

/** System power management protocol. @see profile-imx.md */
export const systemPower: Handlers<(typeof SYSTEM_POWER)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  PROTOCOL_MESSAGE_ATTRIBUTES: (context, { messageId }) => {
    if (!context.spoken.has(messageId)) return "NOT_FOUND";
    const needed = messageId === SYSTEM_POWER_STATE_NOTIFY.id ? "NOTIFY" : "SET";
    const isFree = messageId !== SYSTEM_POWER_STATE_SET.id && messageId !== SYSTEM_POWER_STATE_NOTIFY.id;
    if (!isFree && !hasSystemLevel(context, needed)) return "NOT_SUPPORTED";
    const warmReset = messageId === SYSTEM_POWER_STATE_SET.id;
    const word = SYSTEM_POWER.commands.PROTOCOL_MESSAGE_ATTRIBUTES.p2a.attributes;
    return { attributes: composeWord(word, { warmReset }) };
  },

  SYSTEM_POWER_STATE_SET: (context, { flags, systemState }) => {
    const { draft, caller } = context;
    const graceful = (flags & 1) === 1;
    if (!hasSystemLevel(context, levelFor(systemState, graceful))) return "DENIED";
    const answer = changeState(context, systemState, graceful);
    if (answer === "SUCCESS" || answer === null) {
      draft.set("system", 0, "lastAgent", caller);
      draft.set("system", 0, "lastFlags", flags);
      draft.set("system", 0, "lastState", systemState);
    }
    return answer;
  },

  SYSTEM_POWER_STATE_NOTIFY: (context, { notifyEnable }) => {
    if (!hasSystemLevel(context, "NOTIFY")) return "NOT_SUPPORTED";
    const { draft, caller } = context;
    subscribe(draft, caller, SYSTEM_POWER_STATE_NOTIFY, undefined, (notifyEnable & 1) === 1);
    return "SUCCESS";
  },
};

function levelFor(state: number, graceful: boolean): AccessLevel {
  if (state >= STATES.MODE) return "PRIV";
  if (graceful) return "SET";
  return state < STATES.FULL_SHUTDOWN ? "PRIV" : "EXCLUSIVE";
}

/** Does what a state asks for; null where nobody is left to be answered. */
function changeState(context: Context, state: number, graceful: boolean) {
  if (state >= STATES.MODE) return "SUCCESS";
  const { board, caller } = context;
  const own = instanceOf(board, caller);
  switch (state) {
    case STATES.SHUTDOWN:
    case STATES.COLD_RESET:
    case STATES.WARM_RESET:
      if (graceful) notify(context, [own], state, true);
      else for (const agentId of own.agents) resetAgent(context, agentId, true);
      return graceful ? "SUCCESS" : null;
    case STATES.FULL_SHUTDOWN:
    case STATES.FULL_RESET: {
      const others = instancesOf(board).filter((instance) => instance !== own);
      notify(context, graceful ? instancesOf(board) : others, state, graceful);
      return graceful ? "SUCCESS" : null;
    }
    case STATES.FULL_SUSPEND:
    case STATES.FULL_WAKE:
      // Whatever was asked for, this is told of as graceful.
      notify(context, instancesOf(board), state, true);
      return "SUCCESS";
    case STATES.POWER_UP:
    case STATES.SUSPEND:
    case STATES.WAKE:
      return "NOT_SUPPORTED";
    default:
      return "INVALID_PARAMETERS";
  }
}

/** Tells the agents of these instances that asked for it. */
function notify(
  { board, draft, caller, outbox, spoken }: Context,
  instances: readonly Instance[],
  systemState: number,
  graceful: boolean,
): void {
  const layout = layoutFor(SYSTEM_POWER_STATE_NOTIFIER.layouts, spoken.layout);
  const fields = { agentId: numberOf(board, caller), flags: graceful ? 1 : 0, systemState, timeout: 0 };
  const told = instances.flatMap(({ agents }) => agents);
  for (const agentId of subscribers(draft, SYSTEM_POWER_STATE_NOTIFY)) {
    if (told.includes(agentId))
      outbox.notify(agentId, SYSTEM_POWER_STATE_NOTIFIER, encodeFields(layout, fields));
  }
}
