import type { VoltageDomainConfig } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import { VOLTAGE_DOMAIN, VOLTAGE_MODES } from "#scmi/protocols/voltage-domain.ts";
import { canDefer, defer } from "../p2a/pending.ts";
import { listPage } from "../resources/list-page.ts";
import { type Context, serve } from "../server-types.ts";
import {
  commonHandlers,
  denial,
  extendedName,
  hasStrayBits,
  isLongName,
  isStrict,
  noAttributes,
  noSuchId,
} from "./common.ts";

const {
  PROTOCOL_ATTRIBUTES,
  VOLTAGE_DOMAIN_ATTRIBUTES,
  VOLTAGE_DESCRIBE_LEVELS,
  VOLTAGE_LEVEL_SET,
  VOLTAGE_DOMAIN_NAME_GET,
} = VOLTAGE_DOMAIN.commands;

/**
 * Voltage domain management protocol. Checks go size, id, permission, async, value. Level and mode are told apart: a domain that is
 * off keeps its level.
 *
 * @see scmi-reference.md 4.8
 */
export const voltageDomain = serve(
  VOLTAGE_DOMAIN,
  {
    ...commonHandlers,

    PROTOCOL_ATTRIBUTES: ({ board }) => ({
      attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, { domains: board.resources.voltage.count }),
    }),

    VOLTAGE_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
      const { board, spoken } = context;
      const domain = board.resources.voltage.byId.get(domainId);
      if (domain === undefined) return noAttributes(board, "voltage", domainId);
      const attributes = composeWord(VOLTAGE_DOMAIN_ATTRIBUTES.p2a.attributes, {
        asyncLevelSet: spoken.layout >= 0x2_0000 && canDefer(context, domain),
        extendedName: isLongName(domain.name) && spoken.has(VOLTAGE_DOMAIN_NAME_GET.id),
      });
      return { attributes, name: domain.name };
    },

    VOLTAGE_DESCRIBE_LEVELS: (context, { domainId, levelIndex }) => {
      const { board } = context;
      const domain = board.resources.voltage.byId.get(domainId);
      if (domain === undefined) return noSuchId(board);
      const word = VOLTAGE_DESCRIBE_LEVELS.p2a.flags;
      if (domain.range !== null) {
        if (levelIndex !== 0 && board.switches.rangeIndexChecked) return "OUT_OF_RANGE";
        const { min, max, step } = domain.range;
        return { flags: composeWord(word, { returned: 3, triplet: true }), levels: [min, max, step] };
      }
      const all = domain.levels ?? [domain.level];
      if (levelIndex >= all.length) return "OUT_OF_RANGE";
      const { items, returned, remaining } = listPage(context, VOLTAGE_DESCRIBE_LEVELS, all, levelIndex);
      return { flags: composeWord(word, { returned, remaining }), levels: items };
    },

    VOLTAGE_CONFIG_SET: (context, { domainId, config }) => {
      const { board, draft } = context;
      if (!board.resources.voltage.byId.has(domainId)) return noSuchId(board);
      const denied = denial(context, "voltage", domainId);
      if (denied !== null) return denied;
      // No domain of the model's has a mode of the platform's own.
      if (config !== VOLTAGE_MODES.OFF && config !== VOLTAGE_MODES.ON) return "INVALID_PARAMETERS";
      draft.set("voltage", domainId, "on", config === VOLTAGE_MODES.ON);
      return "SUCCESS";
    },

    VOLTAGE_CONFIG_GET: ({ board, draft }, { domainId }) => {
      if (!board.resources.voltage.byId.has(domainId)) return noSuchId(board);
      const on = draft.get("voltage", domainId, "on") ?? false;
      return { config: on ? VOLTAGE_MODES.ON : VOLTAGE_MODES.OFF };
    },

    VOLTAGE_LEVEL_SET: (context, { domainId, flags, voltageLevel }) => {
      const { board, draft } = context;
      const domain = board.resources.voltage.byId.get(domainId);
      if (domain === undefined) return noSuchId(board);
      const denied = denial(context, "voltage", domainId);
      if (denied !== null) return denied;
      const isAsync = (flags & 1) === 1;
      if (isAsync && isStrict(context) && !canDefer(context, domain)) return "NOT_SUPPORTED";
      if (hasStrayBits(context, VOLTAGE_LEVEL_SET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      if (!canHave(domain, voltageLevel)) return "INVALID_PARAMETERS";
      const taken = isAsync && canDefer(context, domain) ? defer(context) : null;
      if (taken !== null) return taken;
      draft.set("voltage", domainId, "level", voltageLevel);
      return "SUCCESS";
    },

    VOLTAGE_LEVEL_GET: (context, { domainId }) => {
      if (!context.board.resources.voltage.byId.has(domainId)) return noSuchId(context.board);
      return { voltageLevel: levelOf(context, domainId) };
    },

    VOLTAGE_DOMAIN_NAME_GET: (context, { domainId }) => extendedName(context, "voltage", domainId),
  },
  {
    VOLTAGE_LEVEL_SET: (context, { domainId }) => ({ domainId, voltageLevel: levelOf(context, domainId) }),
  },
);

function levelOf({ board, draft }: Context, domainId: number): number {
  return draft.get("voltage", domainId, "level") ?? board.resources.voltage.byId.get(domainId)?.level ?? 0;
}

/** Whether a domain can have a level: a listed one, or a step of its range. */
export function canHave({ levels, range, level }: VoltageDomainConfig, wanted: number): boolean {
  if (range === null) return (levels ?? [level]).includes(wanted);
  return wanted >= range.min && wanted <= range.max && (wanted - range.min) % range.step === 0;
}
