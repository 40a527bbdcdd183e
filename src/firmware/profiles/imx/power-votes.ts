import type { Draft } from "../../draft.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { cellsOf, request } from "../../resources/power-domains.ts";
import { BOOT, highestPowerVote, POWER_VOTES } from "../../resources/votes.ts";
import { isOfFirst } from "./instances.ts";

/**
 * Power domains: the highest state that any agent of any instance votes for. What is on at power-on is a vote of the first
 * instance, until one of its agents votes itself.
 */

/** An agent votes for a state, 0 (off) to 3 (on). */
export function votePower(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  domainId: number,
  state: number,
): void {
  if (isOfFirst(board, agentId)) draft.set("powerVote", domainId, BOOT, undefined);
  setVote(board, draft, agentId, domainId, state);
}

/** Withdraws an agent's votes. */
export function releasePowerDomains(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const domainId of draft.rows("powerVote")) {
    if (draft.get("powerVote", domainId, agentId) === undefined) continue;
    setVote(board, draft, agentId, domainId, POWER_VOTES.OFF);
  }
}

/** The state of a domain, 0 (off) to 3 (on): a domain that is always on, or that has a child that is on, is on. */
export function powerStateOf(board: BoardIndex, draft: Draft, domainId: number): number {
  if (board.resources.power.byId.get(domainId)?.alwaysOn) return POWER_VOTES.ON;
  const voted = highestPowerVote(draft, domainId);
  if (voted > POWER_VOTES.OFF) return voted;
  return draft.get("powerDomain", domainId, "on") === true ? POWER_VOTES.ON : POWER_VOTES.OFF;
}

function setVote(board: BoardIndex, draft: Draft, agentId: number, domainId: number, state: number): void {
  draft.set("powerVote", domainId, agentId, state === POWER_VOTES.OFF ? undefined : state);
  request(board, cellsOf(draft), domainId, highestPowerVote(draft, domainId) > POWER_VOTES.OFF);
}
