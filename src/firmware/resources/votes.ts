import type { Draft } from "../draft.ts";
import type { BoardIndex } from "./board-index.ts";
import { cellsOf, request } from "./power-domains.ts";

/**
 * Who holds what, where the profile counts it for each agent: a clock runs, and a power domain is on, while any agent holds it.
 * What is so at power-on is the platform's own hold (column `boot`), which stands as long as no agent says anything of the
 * resource.
 *
 * @see scmi-reference.md 4.5, 5.5
 */

/** Column of the platform's own hold. */
export const BOOT = "boot";

/** States of a power domain as votes name them, ascending: off, two that a platform defines, and on. */
export const POWER_VOTES = { OFF: 0, ON: 3 } as const;

/** An agent wants a clock to run, or does not. */
export function voteClock(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  clockId: number,
  on: boolean,
): void {
  // Whoever has not started it cannot stop it.
  const mustStart = board.switches.clockVotes === "perStarter";
  if (mustStart && !on && draft.get("clockVote", clockId, agentId) !== true) return;
  draft.set("clockVote", clockId, agentId, on || (mustStart ? undefined : false));
  draft.set("clockVote", clockId, BOOT, undefined);
  draft.set("clock", clockId, "enabled", isClockHeld(draft, clockId));
}

/** Takes back all that an agent wants of clocks. A clock of which nobody wants anything is as at power-on. */
export function releaseClocks(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const clockId of draft.rows("clockVote")) {
    if (draft.get("clockVote", clockId, agentId) === undefined) continue;
    draft.set("clockVote", clockId, agentId, undefined);
    const isFree = Object.keys(draft.row("clockVote", clockId)).length === 0;
    if (isFree && board.resources.clock.byId.get(clockId)?.enabled)
      draft.set("clockVote", clockId, BOOT, true);
    draft.set("clock", clockId, "enabled", isClockHeld(draft, clockId));
  }
}

/** Whether anybody holds a clock: an agent, or the platform. */
export function isClockHeld(draft: Draft, clockId: number): boolean {
  return Object.values(draft.row("clockVote", clockId)).includes(true);
}

/** An agent wants a power domain in a state, one of {@link POWER_VOTES}. */
export function votePower(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  domainId: number,
  state: number,
): void {
  draft.set("powerVote", domainId, agentId, state);
  if (!isAlwaysOn(board, domainId)) draft.set("powerVote", domainId, BOOT, undefined);
  request(board, cellsOf(draft), domainId, highestPowerVote(draft, domainId) > POWER_VOTES.OFF);
}

/** Takes back all that an agent wants of power domains. A domain of which nobody wants anything is as at power-on. */
export function releasePowerDomains(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const domainId of draft.rows("powerVote")) {
    if (draft.get("powerVote", domainId, agentId) === undefined) continue;
    draft.set("powerVote", domainId, agentId, undefined);
    const isFree = Object.keys(draft.row("powerVote", domainId)).length === 0;
    if (isFree && board.resources.power.byId.get(domainId)?.initial === "on")
      draft.set("powerVote", domainId, BOOT, POWER_VOTES.ON);
    request(board, cellsOf(draft), domainId, highestPowerVote(draft, domainId) > POWER_VOTES.OFF);
  }
}

/** The highest state that anybody wants of a power domain. */
export function highestPowerVote(draft: Draft, domainId: number): number {
  return Math.max(POWER_VOTES.OFF, ...(Object.values(draft.row("powerVote", domainId)) as number[]));
}

/** Lets go of the reset lines that an agent holds. */
export function releaseResets(draft: Draft, agentId: number): void {
  for (const domainId of draft.rows("reset")) {
    if (draft.get("reset", domainId, "assertedBy") === agentId)
      draft.set("reset", domainId, "assertedBy", undefined);
  }
}

function isAlwaysOn(board: BoardIndex, domainId: number): boolean {
  return board.resources.power.byId.get(domainId)?.alwaysOn ?? false;
}
