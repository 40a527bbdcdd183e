import type { BoardIndex } from "./board-index.ts";
import type { Draft } from "./draft.ts";
import { forgetAgent } from "./pending.ts";
import { releaseClocks, releasePowerDomains, releaseResets } from "./votes.ts";

/**
 * Takes back what an agent has set up, beside its permissions: clocks and power domains that it holds, reset lines that it keeps
 * asserted, notifications that it asked for and those that wait for its page, asynchronous requests that are not done, and versions
 * that it chose to speak.
 *
 * @see scmi-reference.md 5.5
 */
export function resetSettings(board: BoardIndex, draft: Draft, agentId: number): void {
  releaseClocks(board, draft, agentId);
  releasePowerDomains(board, draft, agentId);
  releaseResets(draft, agentId);
  for (const table of ["subscription", "negotiated"] as const) {
    for (const column of draft.columns(table, agentId)) draft.set(table, agentId, column, undefined);
  }
  forgetAgent(draft, agentId);
}
