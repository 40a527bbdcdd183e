import { ACCESS_LEVELS, type AccessLevel, type LevelKind } from "#config/board/board.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import type { Context } from "../../server-types.ts";

/**
 * Who may do what: a level for each agent and resource, fixed in the board file. A command is allowed from its level on.
 *
 * @see profile-imx.md, "Agents, instances, levels"
 */

/** A resource whose id a command checks: device and agent ids are checked on their own. */
type ResourceKind = Exclude<LevelKind, "device" | "agent">;

/** Whether an agent has a level on something, or a higher one. */
export function hasLevel(
  board: BoardIndex,
  agentId: number,
  kind: LevelKind,
  id: number,
  level: AccessLevel,
): boolean {
  const levels = board.config.levels[agentId];
  return RANKS[levels?.[kind][id] ?? levels?.default ?? "NONE"] >= RANKS[level];
}

/** Whether the caller has a level on the system's power. */
export function hasSystemLevel({ board, caller }: Context, level: AccessLevel): boolean {
  const levels = board.config.levels[caller];
  return RANKS[levels?.system ?? levels?.default ?? "NONE"] >= RANKS[level];
}

const RANKS = Object.fromEntries(ACCESS_LEVELS.map((level, rank) => [level, rank])) as Record<
  AccessLevel,
  number
>;

/** The refusal of an id that is too high, or of a caller without the level that the command needs; null where it may go on. */
export function refusal(
  { board, caller }: Context,
  kind: ResourceKind,
  id: number,
  level: AccessLevel = "NONE",
): ScmiStatus | null {
  if (id >= resourcesOf(board, kind).count) return "NOT_FOUND";
  return hasLevel(board, caller, kind, id, level) ? null : "DENIED";
}

/** Whether a resource is not there, though its id is one: it is fused off. */
export function isAbsent({ board }: Context, kind: ResourceKind, id: number): boolean {
  return resourcesOf(board, kind).byId.get(id)?.absent ?? true;
}

function resourcesOf({ resources }: BoardIndex, kind: ResourceKind) {
  return resources[kind === "pin" ? "pinctrl" : kind];
}
