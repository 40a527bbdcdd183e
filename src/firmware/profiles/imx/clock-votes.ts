import type { Draft } from "../../draft.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { BOOT, isClockHeld } from "../../resources/votes.ts";
import { isOfFirst } from "./instances.ts";

/**
 * Clocks: one runs while any agent of any instance wants it. What runs at power-on is wanted by the first instance, until one of
 * its agents votes itself. Rate and parent are the last writer's.
 */

/** An agent wants a clock to run, or does not. */
export function voteClock(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  clockId: number,
  on: boolean,
): void {
  if (isOfFirst(board, agentId)) draft.set("clockVote", clockId, BOOT, undefined);
  setVote(draft, agentId, clockId, on);
}

/** Withdraws an agent's votes. A clock that it was the last to set, and that is off then, is as at power-on. */
export function releaseClocks(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const { id, rate, parent = null } of board.config.clocks) {
    if (draft.get("clockVote", id, agentId) === true) setVote(draft, agentId, id, false);
    if (draft.get("clock", id, "setBy") !== agentId) continue;
    draft.set("clock", id, "setBy", undefined);
    if (draft.get("clock", id, "enabled") === true) continue;
    draft.set("clock", id, "rate", rate);
    draft.set("clock", id, "parent", parent ?? undefined);
  }
}

function setVote(draft: Draft, agentId: number, clockId: number, on: boolean): void {
  draft.set("clockVote", clockId, agentId, on || undefined);
  draft.set("clock", clockId, "enabled", isClockHeld(draft, clockId));
}
