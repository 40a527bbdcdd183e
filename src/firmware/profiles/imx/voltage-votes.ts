import type { Draft } from "../../draft.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { BOOT } from "../../resources/votes.ts";
import { isOfFirst } from "./instances.ts";

/**
 * Modes of voltage domains: on while any agent votes for that. What is on at power-on is a vote of the first instance, until one of
 * its agents votes itself. Levels are the last writer's.
 */

/** An agent votes for on, or for off. */
export function voteVoltage(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  domainId: number,
  on: boolean,
): void {
  if (isOfFirst(board, agentId)) draft.set("voltageVote", domainId, BOOT, undefined);
  setVote(draft, agentId, domainId, on);
}

/** Withdraws an agent's votes. */
export function releaseVoltages(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const { id } of board.config.voltageDomains) {
    if (draft.get("voltageVote", id, agentId) === true) setVote(draft, agentId, id, false);
  }
}

function setVote(draft: Draft, agentId: number, domainId: number, on: boolean): void {
  draft.set("voltageVote", domainId, agentId, on || undefined);
  draft.set("voltage", domainId, "on", Object.values(draft.row("voltageVote", domainId)).includes(true));
}
