import { composeWord, readBits } from "#scmi/fields.ts";
import { BASE } from "#scmi/protocols/base.ts";
import { CLOCK, CLOCK_STATES } from "#scmi/protocols/clock.ts";
import type { RESET_DOMAIN } from "#scmi/protocols/reset-domain.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import { noSuchId } from "../../protocols/common.ts";
import { resetDomain as everybodys } from "../../protocols/reset-domain.ts";
import type { Handler, Handlers } from "../../server-types.ts";

/** What TF-A's own server does otherwise than the reference firmware that came of it. @see scmi-reference.md 4.1, 4.5, 4.7 */

/** It knows of one agent, and does not count it. */
export const base: Handlers<(typeof BASE)["commands"]> = {
  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributes: composeWord(BASE.commands.PROTOCOL_ATTRIBUTES.p2a.attributes, {
      agents: 0,
      protocols: board.config.protocols.length,
    }),
  }),
};

const { CLOCK_ATTRIBUTES, CLOCK_CONFIG_SET, CLOCK_CONFIG_GET, CLOCK_POSSIBLE_PARENTS_GET } = CLOCK.commands;

/** Clock protocol 3.0, the first server's attempt at it. */
export const clock: Handlers<(typeof CLOCK)["commands"]> = {
  CLOCK_ATTRIBUTES: ({ board, draft }, { clockId }) => {
    const config = board.resources.clock.byId.get(clockId);
    if (config === undefined) return noSuchId(board);
    // Says that there are parents and extended configurations, whether there are or not.
    const attributes = composeWord(CLOCK_ATTRIBUTES.p2a.attributes, {
      parents: true,
      extendedConfig: true,
      enabled: draft.get("clock", clockId, "enabled") ?? false,
    });
    return { attributes, name: config.name, clockEnableDelay: 0 };
  },

  CLOCK_CONFIG_SET: ({ board, draft }, { clockId, attributes }) => {
    const config = board.resources.clock.byId.get(clockId);
    if (config === undefined) return noSuchId(board);
    // The type of an extended configuration is cut away before it is looked at, so that "unchanged" never comes with one.
    const state = readBits(attributes, CLOCK_CONFIG_SET.a2p.attributes.bits.state);
    if (state !== CLOCK_STATES.DISABLE && state !== CLOCK_STATES.ENABLE) return "INVALID_PARAMETERS";
    if (!config.fixed) draft.set("clock", clockId, "enabled", state === CLOCK_STATES.ENABLE);
    return "SUCCESS";
  },

  CLOCK_CONFIG_GET: ({ board, draft }, { clockId, flags }) => {
    if (!board.resources.clock.byId.has(clockId)) return noSuchId(board);
    const enabled = draft.get("clock", clockId, "enabled") ?? false;
    const config = composeWord(CLOCK_CONFIG_GET.p2a.config, { enabled });
    // No clock of the model's has an extended configuration; the answer is whole all the same.
    const hasType = readBits(flags, CLOCK_CONFIG_GET.a2p.flags.bits.extendedConfigType) !== 0;
    const status = hasType ? SCMI_STATUS.NOT_SUPPORTED : SCMI_STATUS.SUCCESS;
    return { status, attributes: 0, config, extendedConfigVal: 0 };
  },

  CLOCK_POSSIBLE_PARENTS_GET: ({ board }, { clockId, skipParents }) => {
    const config = board.resources.clock.byId.get(clockId);
    if (config === undefined) return noSuchId(board);
    const all = config.parents ?? [];
    if (skipParents >= all.length) return "INVALID_PARAMETERS";
    const parents = all.slice(skipParents, skipParents + Math.floor((board.switches.maxListPayload - 8) / 4));
    const numParentsFlags = composeWord(CLOCK_POSSIBLE_PARENTS_GET.p2a.numParentsFlags, {
      returned: parents.length,
      remaining: all.length - skipParents - parents.length,
    });
    return { numParentsFlags, parents };
  },

  CLOCK_PARENT_SET: ({ board, draft }, { clockId, parentId }) => {
    const config = board.resources.clock.byId.get(clockId);
    if (config === undefined) return noSuchId(board);
    if (!(config.parents ?? []).includes(parentId)) return "INVALID_PARAMETERS";
    draft.set("clock", clockId, "parent", parentId);
    return "SUCCESS";
  },

  CLOCK_PARENT_GET: ({ board, draft }, { clockId }) => {
    const config = board.resources.clock.byId.get(clockId);
    if (config === undefined) return noSuchId(board);
    const parentId = draft.get("clock", clockId, "parent") ?? config.parent ?? null;
    // The answer has its second word whatever the status is.
    return parentId === null ? { status: SCMI_STATUS.NOT_SUPPORTED, parentId: 0 } : { parentId };
  },
};

const attributesOfReset = everybodys.handlers["RESET_DOMAIN_ATTRIBUTES"] as Handler<
  (typeof RESET_DOMAIN)["commands"]["RESET_DOMAIN_ATTRIBUTES"]
>;

/** Of the attributes commands, one says INVALID_PARAMETERS to an id that is too high. */
export const resetDomain: Handlers<(typeof RESET_DOMAIN)["commands"]> = {
  RESET_DOMAIN_ATTRIBUTES: (context, request) =>
    request.domainId >= context.board.resources.reset.count
      ? "INVALID_PARAMETERS"
      : attributesOfReset(context, request),
};
