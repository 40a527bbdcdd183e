import type { AgentConfig, FirmwareConfig } from "#config/board/board.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import { CHANNEL_FREE, PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import type { Draft } from "../draft.ts";
import { indexOf } from "../resources/board-index.ts";
import type { FirmwareMemory } from "../ring.ts";
import type { Effect } from "../state.ts";

/**
 * Channels that the firmware makes anew because their agent is reset: its pages are zero, but for FREE, nothing waits for the
 * second, and tokens count from 0 again. That it happened is a count in the state, whose change is the effect by which replay does
 * it again.
 *
 * @see profile-imx.md, "Votes"
 */

/** Notes that an agent's channel is made anew. */
export function requestInitialisation(draft: Draft, agentId: number): void {
  draft.set("channel", agentId, "initialised", (draft.get("channel", agentId, "initialised") ?? 0) + 1);
  draft.set("p2a", agentId, "queue", undefined);
  draft.set("p2a", agentId, "token", undefined);
}

/** Whether an effect says that the channel of the agent `row` was made anew. */
export function isInitialisation({ table, column, value }: Effect): boolean {
  return table === "channel" && column === "initialised" && value !== undefined;
}

/** Makes a channel's page anew, or its first bytes. */
export function initialiseChannel(page: DeviceMemory, bytes: number = PAGE_BYTES): void {
  for (let offset = 0; offset < bytes; offset += 4) page.write32(offset, 0);
  page.write32(SHMEM.CHANNEL_STATUS, CHANNEL_FREE);
}

/** Makes the pages anew of every channel of which a message's effects say so. */
export function initialiseChannels(
  config: FirmwareConfig,
  memory: FirmwareMemory,
  effects: readonly Effect[],
): void {
  for (const effect of effects) {
    const agent = isInitialisation(effect) ? indexOf(config).agents.get(effect.row) : undefined;
    if (agent === undefined) continue;
    for (const address of pagesOf(agent)) initialiseChannel(memory.window(address));
  }
}

/** The pages of an agent's channels. */
export function pagesOf({ shmem, p2a = null }: AgentConfig): number[] {
  return p2a === null ? [shmem] : [shmem, p2a];
}
