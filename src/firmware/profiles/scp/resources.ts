import { composeWord } from "#scmi/fields.ts";
import type { PERFORMANCE } from "#scmi/protocols/performance.ts";
import { POWERCAP } from "#scmi/protocols/powercap.ts";
import { SYSTEM_POWER, SYSTEM_STATES } from "#scmi/protocols/system-power.ts";
import type { VOLTAGE_DOMAIN } from "#scmi/protocols/voltage-domain.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import { raise } from "../../p2a/notifications.ts";
import { denial, hasStrayBits, noSuchId } from "../../protocols/common.ts";
import { performance as performanceServer } from "../../protocols/performance.ts";
import { powercap as powercapServer } from "../../protocols/powercap.ts";
import { voltageDomain as voltageServer } from "../../protocols/voltage-domain.ts";
import type { Context, Handler, Handlers } from "../../server-types.ts";

/** Where SCP does otherwise with the protocols that came later. @see scmi-reference.md 4.3, 4.4, 4.8, 4.9 */

type PerformanceRows = (typeof PERFORMANCE)["commands"];
type VoltageRows = (typeof VOLTAGE_DOMAIN)["commands"];
type PowercapRows = (typeof POWERCAP)["commands"];

const { SYSTEM_POWER_STATE_SET, SYSTEM_POWER_STATE_NOTIFY } = SYSTEM_POWER.commands;

/** The system's power is for the PSCI of EL3, and for who manages the machine. */
export const system: Handlers<(typeof SYSTEM_POWER)["commands"]> = {
  SYSTEM_POWER_STATE_SET: (context, { flags, systemState }) => {
    const { board, draft, caller } = context;
    if (hasStrayBits(context, SYSTEM_POWER_STATE_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
    const type = typeOf(context);
    if (type === "ospm") return "NOT_SUPPORTED";
    if (systemState > SYSTEM_STATES.SUSPEND) return "INVALID_PARAMETERS";
    const { warmReset = false, suspend = false } = board.config.systemPower ?? {};
    const isMissing =
      (systemState === SYSTEM_STATES.WARM_RESET && !warmReset) ||
      (systemState === SYSTEM_STATES.SUSPEND && !suspend) ||
      (systemState === SYSTEM_STATES.POWER_UP && type !== "management");
    if (isMissing) return "NOT_SUPPORTED";
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

  SYSTEM_POWER_STATE_GET: (context) =>
    typeOf(context) === "psci" ? "NOT_SUPPORTED" : { systemState: SYSTEM_STATES.POWER_UP },
};

function typeOf({ board, caller }: Context): "ospm" | "psci" | "management" {
  return board.agents.get(caller)?.type ?? "ospm";
}

const describeLevels = performanceServer.handlers["PERFORMANCE_DESCRIBE_LEVELS"] as Handler<
  PerformanceRows["PERFORMANCE_DESCRIBE_LEVELS"]
>;
const setLimits = performanceServer.handlers["PERFORMANCE_LIMITS_SET"] as Handler<
  PerformanceRows["PERFORMANCE_LIMITS_SET"]
>;

export const performance: Handlers<PerformanceRows> = {
  PERFORMANCE_DESCRIBE_LEVELS: (context, request) => {
    const answer = describeLevels(context, request);
    return answer === "OUT_OF_RANGE" ? "INVALID_PARAMETERS" : answer;
  },

  PERFORMANCE_LIMITS_SET: (context, request) => {
    const { board } = context;
    if (!board.resources.performance.byId.has(request.domainId)) return noSuchId(board);
    const denied = denial(context, "performance", request.domainId);
    if (denied !== null) return denied;
    return request.rangeMin > request.rangeMax ? "INVALID_PARAMETERS" : setLimits(context, request);
  },
};

const describeVoltages = voltageServer.handlers["VOLTAGE_DESCRIBE_LEVELS"] as Handler<
  VoltageRows["VOLTAGE_DESCRIBE_LEVELS"]
>;
const setVoltage = voltageServer.handlers["VOLTAGE_LEVEL_SET"] as Handler<VoltageRows["VOLTAGE_LEVEL_SET"]>;

export const voltage: Handlers<VoltageRows> = {
  // A refusal is as long as a pointer.
  VOLTAGE_DESCRIBE_LEVELS: (context, request) => {
    const answer = describeVoltages(context, request);
    return typeof answer === "string" ? { status: SCMI_STATUS[answer], flags: 0, levels: [] } : answer;
  },

  VOLTAGE_LEVEL_SET: (context, request) => {
    const { board } = context;
    const domain = board.resources.voltage.byId.get(request.domainId);
    if (domain === undefined) return noSuchId(board);
    const denied = denial(context, "voltage", request.domainId);
    if (denied !== null) return denied;
    if (request.flags !== 0) return "INVALID_PARAMETERS";
    const { min, max } = domain.range ?? boundsOf(domain.levels ?? [domain.level]);
    const isOutside = request.voltageLevel < min || request.voltageLevel > max;
    return isOutside ? "OUT_OF_RANGE" : setVoltage(context, request);
  },
};

function boundsOf(levels: readonly number[]): { min: number; max: number } {
  return { min: Math.min(...levels), max: Math.max(...levels) };
}

const attributesOfCap = powercapServer.handlers["POWERCAP_DOMAIN_ATTRIBUTES"] as Handler<
  PowercapRows["POWERCAP_DOMAIN_ATTRIBUTES"]
>;
const { unit } = POWERCAP.commands.POWERCAP_DOMAIN_ATTRIBUTES.p2a.attributes.bits;

export const powercap: Handlers<PowercapRows> = {
  // The one refusal that has its second word.
  PROTOCOL_MESSAGE_ATTRIBUTES: ({ spoken }, { messageId }) =>
    spoken.has(messageId) ? { attributes: 0 } : { status: SCMI_STATUS.NOT_FOUND, attributes: 0 },

  // The unit of power stands one bit too high, over the bit that says whether the interval can be set.
  POWERCAP_DOMAIN_ATTRIBUTES: (context, request) => {
    const answer = attributesOfCap(context, request);
    if (typeof answer !== "object" || answer === null) return answer;
    const { attributes } = answer as { readonly attributes: number };
    const place = composeWord(POWERCAP.commands.POWERCAP_DOMAIN_ATTRIBUTES.p2a.attributes, { unit: 3 });
    const moved = ((attributes & place) >>> unit.low) << (unit.low + 1);
    return { ...answer, attributes: ((attributes & ~place) | moved) >>> 0 };
  },
};
