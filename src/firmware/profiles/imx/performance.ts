import type { PerformanceDomainConfig } from "#config/board/board.ts";
import { composeWord } from "#scmi/fields.ts";
import { PERFORMANCE } from "#scmi/protocols/performance.ts";
import type { Draft } from "../../draft.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { listPage } from "../../resources/list-page.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { negotiate } from "./common.ts";
import { instanceOf } from "./instances.ts";
import { hasLevel, isAbsent, refusal } from "./levels.ts";

const { PERFORMANCE_DOMAIN_ATTRIBUTES, PERFORMANCE_DESCRIBE_LEVELS } = PERFORMANCE.commands;

/**
 * Performance domain management protocol: levels go by index, each instance has a vote, and the highest counts. There are no limits
 * to set.
 *
 * @see profile-imx.md
 */
export const performance: Handlers<(typeof PERFORMANCE)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  PERFORMANCE_DOMAIN_ATTRIBUTES: (context, { domainId }) => {
    const { board, caller } = context;
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    const attributes = composeWord(PERFORMANCE_DOMAIN_ATTRIBUTES.p2a.attributes, {
      canSetLimits: hasLevel(board, caller, "performance", domainId, "SET"),
      canSetLevel: hasLevel(board, caller, "performance", domainId, "PRIV"),
      levelIndexing: true,
    });
    const { rateLimitUs, sustainedFreqKhz, sustainedLevel, name } = domain;
    return {
      attributes,
      rateLimit: rateLimitUs,
      sustainedFreq: sustainedFreqKhz,
      sustainedPerfLevel: sustainedLevel,
      name,
    };
  },

  PERFORMANCE_DESCRIBE_LEVELS: (context, { domainId, levelIndex }) => {
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    if (levelIndex >= domain.levels.length) return "OUT_OF_RANGE";
    const levels = domain.levels.map(({ value, powerCost, latencyUs }, index) => ({
      level: value,
      powerCost,
      attributes: latencyUs,
      indicativeFrequency: value,
      levelIndex: index,
    }));
    const { items, returned, remaining } = listPage(context, PERFORMANCE_DESCRIBE_LEVELS, levels, levelIndex);
    const numLevels = composeWord(PERFORMANCE_DESCRIBE_LEVELS.p2a.numLevels, { returned, remaining });
    return { numLevels, levels: items };
  },

  PERFORMANCE_LIMITS_SET: (context, { domainId }) =>
    refusal(context, "performance", domainId, "SET") ?? "NOT_SUPPORTED",

  PERFORMANCE_LIMITS_GET: (context, { domainId }) => {
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    const values = domain.levels.map(({ value }) => value);
    return { rangeMax: Math.max(...values), rangeMin: Math.min(...values) };
  },

  PERFORMANCE_LEVEL_SET: (context, { domainId, performanceLevel }) => {
    const { board, draft, caller } = context;
    const refused = refusal(context, "performance", domainId, "PRIV");
    if (refused !== null) return refused;
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    if (performanceLevel >= domain.levels.length) return "INVALID_PARAMETERS";
    vote(board, draft, caller, domainId, performanceLevel);
    return "SUCCESS";
  },

  PERFORMANCE_LEVEL_GET: (context, { domainId }) => {
    const domain = present(context, domainId);
    if (typeof domain === "string") return domain;
    return { performanceLevel: context.draft.get("performance", domainId, "level") ?? 0 };
  },
};

/** An agent votes for its instance: the last to do so is who counts there, and the highest of all instances is the level. */
function vote(board: BoardIndex, draft: Draft, agentId: number, domainId: number, level: number): void {
  draft.set("performanceVote", domainId, instanceOf(board, agentId).index, level);
  const votes = Object.values(draft.row("performanceVote", domainId)) as number[];
  draft.set("performance", domainId, "level", Math.max(...votes));
}

function present(context: Context, domainId: number): PerformanceDomainConfig | "NOT_FOUND" {
  const domain = context.board.resources.performance.byId.get(domainId);
  return domain === undefined || isAbsent(context, "performance", domainId) ? "NOT_FOUND" : domain;
}
