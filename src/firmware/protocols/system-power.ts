import { composeWord } from "#scmi/fields.ts";
import { SYSTEM_POWER, SYSTEM_STATES } from "#scmi/protocols/system-power.ts";
import { raise } from "../p2a/notifications.ts";
import { subscribe } from "../p2a/subscriptions.ts";
import { type Context, serve } from "../server-types.ts";
import { commonHandlers, hasStrayBits } from "./common.ts";

const { PROTOCOL_MESSAGE_ATTRIBUTES, SYSTEM_POWER_STATE_SET, SYSTEM_POWER_STATE_NOTIFY } =
  SYSTEM_POWER.commands;

/** States from here on are the vendor's own. */
const VENDOR_STATES = 0x8000_0000;

/**
 * System power management protocol. Checks go size, permission, value, support. The system is everybody's, so that only trusted
 * agents may change its state; the model keeps the request and tells who asked to be told, and does not reset itself.
 *
 * @see scmi-reference.md 4.3
 */
export const systemPower = serve(SYSTEM_POWER, {
  ...commonHandlers,

  PROTOCOL_ATTRIBUTES: () => ({ attributes: 0 }),

  PROTOCOL_MESSAGE_ATTRIBUTES: ({ board, spoken }, { messageId }) => {
    if (!spoken.has(messageId)) return "NOT_FOUND";
    if (messageId === SYSTEM_POWER_STATE_NOTIFY.id && !board.switches.notifications) return "NOT_SUPPORTED";
    if (messageId !== SYSTEM_POWER_STATE_SET.id) return { attributes: 0 };
    const { warmReset = false, suspend = false } = board.config.systemPower ?? {};
    return { attributes: composeWord(PROTOCOL_MESSAGE_ATTRIBUTES.p2a.attributes, { warmReset, suspend }) };
  },

  SYSTEM_POWER_STATE_SET: (context, { flags, systemState }) => {
    const { board, draft, caller } = context;
    if (!board.config.trustedAgents.includes(caller)) return board.switches.deniedStatus;
    if (hasStrayBits(context, SYSTEM_POWER_STATE_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
    if (systemState > SYSTEM_STATES.SUSPEND && systemState < VENDOR_STATES) return "INVALID_PARAMETERS";
    if (!isSupported(context, systemState)) return "NOT_SUPPORTED";
    draft.set("system", 0, "lastAgent", caller);
    draft.set("system", 0, "lastFlags", flags);
    draft.set("system", 0, "lastState", systemState);
    const fields = { agentId: caller, flags, systemState, timeout: 0 };
    raise(
      context,
      SYSTEM_POWER_STATE_NOTIFY,
      SYSTEM_POWER.sent.SYSTEM_POWER_STATE_NOTIFIER,
      undefined,
      fields,
    );
    return "SUCCESS";
  },

  // Who can ask runs on a system that is up.
  SYSTEM_POWER_STATE_GET: () => ({ systemState: SYSTEM_STATES.POWER_UP }),

  SYSTEM_POWER_STATE_NOTIFY: (context, { notifyEnable }) => {
    const { board, draft, caller } = context;
    if (!board.switches.notifications) return "NOT_SUPPORTED";
    if (hasStrayBits(context, SYSTEM_POWER_STATE_NOTIFY.a2p.notifyEnable, notifyEnable))
      return "INVALID_PARAMETERS";
    subscribe(draft, caller, SYSTEM_POWER_STATE_NOTIFY, undefined, (notifyEnable & 1) === 1);
    return "SUCCESS";
  },
});

/** Whether the system can be brought to a state by a message: it is up already, and the vendor has no states of its own here. */
function isSupported({ board }: Context, systemState: number): boolean {
  switch (systemState) {
    case SYSTEM_STATES.SHUTDOWN:
    case SYSTEM_STATES.COLD_RESET:
      return true;
    case SYSTEM_STATES.WARM_RESET:
      return board.config.systemPower?.warmReset ?? false;
    case SYSTEM_STATES.SUSPEND:
      return board.config.systemPower?.suspend ?? false;
    default:
      return false;
  }
}
