import { readBits, reservedBits } from "#scmi/fields.ts";
import { CLOCK } from "#scmi/protocols/clock.ts";
import type { POWER_DOMAIN } from "#scmi/protocols/power-domain.ts";
import { RESET_DOMAIN } from "#scmi/protocols/reset-domain.ts";
import { clock as clockServer } from "../../protocols/clock.ts";
import { denial, isStrict, noSuchId } from "../../protocols/common.ts";
import { powerDomain as powerServer } from "../../protocols/power-domain.ts";
import { resetDomain as resetServer } from "../../protocols/reset-domain.ts";
import type { AnyHandlers, Handler, Handlers } from "../../server-types.ts";
import { base } from "./permissions.ts";
import { performance, powercap, system, voltage } from "./resources.ts";

/** Where SCP looks at things in another order than everybody. @see scmi-reference.md 4.2, 4.5, 4.7, Appendix D */

type PowerRows = (typeof POWER_DOMAIN)["commands"];
type ClockRows = (typeof CLOCK)["commands"];
type ResetRows = (typeof RESET_DOMAIN)["commands"];

const setPower = powerServer.handlers["POWER_STATE_SET"] as Handler<PowerRows["POWER_STATE_SET"]>;
const attributesOfClock = clockServer.handlers["CLOCK_ATTRIBUTES"] as Handler<ClockRows["CLOCK_ATTRIBUTES"]>;
const setRate = clockServer.handlers["CLOCK_RATE_SET"] as Handler<ClockRows["CLOCK_RATE_SET"]>;
const setConfig = clockServer.handlers["CLOCK_CONFIG_SET"] as Handler<ClockRows["CLOCK_CONFIG_SET"]>;
const reset = resetServer.handlers["RESET"] as Handler<ResetRows["RESET"]>;

/** Bits that mean something in a power_state word. */
const POWER_STATE_MASK = 0x4fff_ffff;

const power: Handlers<PowerRows> = {
  POWER_STATE_SET: (context, request) => {
    const { board } = context;
    if (!board.resources.power.byId.has(request.domainId)) return noSuchId(board);
    const denied = denial(context, "power", request.domainId);
    if (denied !== null) return denied;
    if (isStrict(context) && (request.powerState & ~POWER_STATE_MASK) !== 0) return "INVALID_PARAMETERS";
    return setPower(context, request);
  },
};

const { CLOCK_RATE_SET } = CLOCK.commands;
const ENABLED = 1;

const clock: Handlers<ClockRows> = {
  CLOCK_ATTRIBUTES: (context, request) => {
    const { board, draft, caller } = context;
    const answer = attributesOfClock(context, request);
    if (typeof answer !== "object" || answer === null || board.switches.clockVotes !== "perStarter")
      return answer;
    // Whether it runs for the caller, whoever else it runs for.
    const isOwn = draft.get("clockVote", request.clockId, caller) === true;
    const attributes = ((answer as { readonly attributes: number }).attributes & ~ENABLED) >>> 0;
    return { ...answer, attributes: isOwn ? attributes | ENABLED : attributes };
  },

  CLOCK_RATE_SET: (context, request) => {
    const { board } = context;
    const { flags, clockId } = request;
    const isStray = (flags & reservedBits(CLOCK_RATE_SET.a2p.flags)) !== 0;
    if (isStrict(context) && isStray) return "INVALID_PARAMETERS";
    if (!board.resources.clock.byId.has(clockId)) return noSuchId(board);
    const denied = denial(context, "clock", clockId);
    if (denied !== null) return denied;
    return (flags & 1) === 1 ? "NOT_SUPPORTED" : setRate(context, request);
  },

  CLOCK_CONFIG_SET: (context, request) => {
    const { board } = context;
    if (!board.resources.clock.byId.has(request.clockId)) return noSuchId(board);
    const isStray = (request.attributes & ~ENABLED) !== 0;
    return isStrict(context) && isStray ? "INVALID_PARAMETERS" : setConfig(context, request);
  },
};

const resetDomain: Handlers<ResetRows> = {
  RESET: (context, request) => {
    const { board } = context;
    const { flags, resetState, domainId } = request;
    const { autonomous, async } = RESET_DOMAIN.commands.RESET.a2p.flags.bits;
    const isStray = (flags & reservedBits(RESET_DOMAIN.commands.RESET.a2p.flags)) !== 0;
    // Of the architectural states there is the cold reset alone.
    const isUnknown = resetState >>> 31 === 0 && resetState !== 0;
    if (isStrict(context) && (isStray || isUnknown)) return "INVALID_PARAMETERS";
    if (!board.resources.reset.byId.has(domainId)) return board.switches.resetRangeStatus;
    if (readBits(flags, async) === 1) {
      return readBits(flags, autonomous) === 1 ? "NOT_SUPPORTED" : "INVALID_PARAMETERS";
    }
    return reset(context, request);
  },
};

/** SCP's own code, by protocol. */
export const handlers: { readonly [protocol: string]: AnyHandlers } = {
  base,
  power,
  system,
  performance,
  clock,
  reset: resetDomain,
  voltage,
  powercap,
};
