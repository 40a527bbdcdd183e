import type { VoltageDomainConfig } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import { VOLTAGE_DOMAIN, VOLTAGE_MODES } from "#scmi/protocols/voltage-domain.ts";
import { canHave } from "../../protocols/voltage-domain.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { negotiate } from "./common.ts";
import { isAbsent, refusal } from "./levels.ts";
import { voteVoltage } from "./voltage-votes.ts";

const { VOLTAGE_DESCRIBE_LEVELS } = VOLTAGE_DOMAIN.commands;

/** The bits of a configuration that hold the mode. */
const MODE_MASK = 0xf;

/** Voltage domain management protocol. @see profile-imx.md */
export const voltageDomain: Handlers<(typeof VOLTAGE_DOMAIN)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  VOLTAGE_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
    const domain = present(context, domainId);
    return typeof domain === "string" ? domain : { attributes: 0, name: domain.name };
  },

  VOLTAGE_DESCRIBE_LEVELS: (context, { domainId, levelIndex }) => {
    const refused = refusal(context, "voltage", domainId);
    if (refused !== null) return refused;
    if (levelIndex !== 0) return "OUT_OF_RANGE";
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    const flags = composeWord(VOLTAGE_DESCRIBE_LEVELS.p2a.flags, { returned: 3, triplet: true });
    return { flags, levels: rangeOf(domain) };
  },

  VOLTAGE_CONFIG_SET: (context, { domainId, config }) => {
    const { board, draft, caller } = context;
    const refused = refusal(context, "voltage", domainId, "SET");
    if (refused !== null) return refused;
    const mode = config & MODE_MASK;
    const on = mode === VOLTAGE_MODES.ON || (board.switches.imxBugs && mode === 2);
    const off = mode === VOLTAGE_MODES.OFF || (board.switches.imxBugs && mode === 1);
    if (!on && !off) return "INVALID_PARAMETERS";
    if (isAbsent(context, "voltage", domainId)) return "NOT_FOUND";
    voteVoltage(board, draft, caller, domainId, on);
    return "SUCCESS";
  },

  VOLTAGE_CONFIG_GET: (context, { domainId }) => {
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    const on = context.draft.get("voltage", domainId, "on") ?? false;
    return { config: on ? VOLTAGE_MODES.ON : VOLTAGE_MODES.OFF };
  },

  VOLTAGE_LEVEL_SET: (context, { domainId, flags, voltageLevel }) => {
    const refused = refusal(context, "voltage", domainId, "EXCLUSIVE");
    if (refused !== null) return refused;
    if ((flags & 1) === 1) return "NOT_SUPPORTED";
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    if (!canHave(domain, voltageLevel)) return "INVALID_PARAMETERS";
    context.draft.set("voltage", domainId, "level", voltageLevel);
    return "SUCCESS";
  },

  VOLTAGE_LEVEL_GET: (context, { domainId }) => {
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    return { voltageLevel: context.draft.get("voltage", domainId, "level") ?? domain.level };
  },
};

function present(context: Context, domainId: number): VoltageDomainConfig | "NOT_FOUND" {
  const domain = context.board.resources.voltage.byId.get(domainId);
  return domain === undefined || isAbsent(context, "voltage", domainId) ? "NOT_FOUND" : domain;
}

/** Lowest and highest level and the step between; of a list of levels, no step is known. */
function rangeOf({ range, levels, level }: VoltageDomainConfig): [min: number, max: number, step: number] {
  if (range !== null) return [range.min, range.max, range.step];
  const all = levels ?? [level];
  return [Math.min(...all), Math.max(...all), 0];
}
