import { composeWord } from "#scmi/fields.ts";
import { POWER_DOMAIN, POWER_STATES } from "#scmi/protocols/power-domain.ts";
import { POWER_VOTES } from "../../resources/votes.ts";
import type { Handlers } from "../../server-types.ts";
import { negotiate } from "./common.ts";
import { hasLevel, isAbsent, refusal } from "./levels.ts";
import { powerStateOf, votePower } from "./power-votes.ts";

const { POWER_DOMAIN_ATTRIBUTES } = POWER_DOMAIN.commands;

/** Power domain management protocol, with the states 1 and 2 between off and on. @see profile-imx.md */
export const powerDomain: Handlers<(typeof POWER_DOMAIN)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  POWER_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
    const { board, caller } = context;
    const refused = refusal(context, "power", domainId);
    if (refused !== null) return refused;
    if (isAbsent(context, "power", domainId)) return "NOT_FOUND";
    const attributes = composeWord(POWER_DOMAIN_ATTRIBUTES.p2a.attributes, {
      syncSet: hasLevel(board, caller, "power", domainId, "SET"),
    });
    return { attributes, name: board.resources.power.byId.get(domainId)?.name ?? "" };
  },

  POWER_STATE_SET: (context, { flags, domainId, powerState }) => {
    const { board, draft, caller } = context;
    const refused = refusal(context, "power", domainId, "SET");
    if (refused !== null) return refused;
    if ((flags & 1) === 1) return "NOT_SUPPORTED";
    const vote = board.switches.imxBugs ? voteOfByte(powerState) : VOTES.get(powerState);
    if (vote === undefined) return "INVALID_PARAMETERS";
    if (isAbsent(context, "power", domainId)) return "NOT_FOUND";
    votePower(board, draft, caller, domainId, vote);
    return "SUCCESS";
  },

  POWER_STATE_GET: (context, { domainId }) => {
    const refused = refusal(context, "power", domainId);
    if (refused !== null) return refused;
    if (isAbsent(context, "power", domainId)) return "NOT_FOUND";
    const state = powerStateOf(context.board, context.draft, domainId);
    if (state === POWER_VOTES.OFF) return { powerState: POWER_STATES.OFF };
    return { powerState: state === POWER_VOTES.ON ? POWER_STATES.ON : state };
  },
};

/** The words of power_state, and what they vote for. */
const VOTES = new Map<number, number>([
  [POWER_STATES.OFF, POWER_VOTES.OFF],
  [1, 1],
  [2, 2],
  [POWER_STATES.ON, POWER_VOTES.ON],
]);

/** What a word votes for where only its low byte is looked at, unless the word as a whole is 0. */
function voteOfByte(word: number): number | undefined {
  if (word === POWER_STATES.ON) return POWER_VOTES.ON;
  const byte = word & 0xff;
  return byte <= POWER_VOTES.ON ? byte : undefined;
}
