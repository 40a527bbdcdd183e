import type { Draft } from "../draft.ts";
import { forgetAgent } from "../p2a/pending.ts";
import type { BoardIndex } from "../resources/board-index.ts";
import { resetLimits } from "../resources/performance-levels.ts";
import { releasePins } from "../resources/pins.ts";
import { powerCapsAtPowerOn } from "../resources/resources-at-power-on.ts";
import { resetSensors } from "../resources/sensor-config.ts";
import { releaseClocks, releasePowerDomains, releaseResets } from "../resources/votes.ts";

/**
 * Takes back what an agent has set up, beside its permissions: clocks and power domains that it holds, reset lines that it keeps
 * asserted, pins that it has for itself, caps, performance limits and sensors that it was the last to set, notifications that it
 * asked for and those that wait for its page, asynchronous requests that are not done, and versions that it chose to speak.
 *
 * @see scmi-reference.md 5.5
 */
export function resetSettings(board: BoardIndex, draft: Draft, agentId: number): void {
  releaseClocks(board, draft, agentId);
  releasePowerDomains(board, draft, agentId);
  releaseResets(draft, agentId);
  releasePins(draft, agentId);
  releaseCaps(board, draft, agentId);
  resetLimits(board, draft, agentId);
  resetSensors(board, draft, agentId);
  for (const table of ["subscription", "negotiated"] as const) {
    for (const column of draft.columns(table, agentId)) draft.set(table, agentId, column, undefined);
  }
  forgetAgent(draft, agentId);
}

/** Takes power capping domains back to power-on where the agent was the last to set anything. */
function releaseCaps({ config }: BoardIndex, draft: Draft, agentId: number): void {
  for (const [domainId, cells] of powerCapsAtPowerOn(config)) {
    if (draft.get("powercap", domainId, "setBy") !== agentId) continue;
    for (const [column, value] of Object.entries(cells)) {
      draft.set("powercap", domainId, column as "pai", value);
    }
    draft.set("powercap", domainId, "setBy", undefined);
  }
}
