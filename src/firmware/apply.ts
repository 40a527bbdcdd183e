import { assert } from "#base/assert.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { SentByFirmware } from "#events/types.ts";
import { memcpyToIo } from "#scmi/device-memory.ts";
import { SHMEM } from "#scmi/shmem.ts";
import { writeSent } from "./p2a/outbox.ts";
import { indexOf } from "./resources/board-index.ts";
import type { FirmwareMemory, RingResponse } from "./ring.ts";
import type { Effect, FirmwareState } from "./state.ts";

/**
 * Makes a message's effects so in the tables.
 *
 * @param seq the event that carries them: a channel that becomes wedged is so since then, a command that has to wait waits since then
 */
export function applyEffects(state: FirmwareState, effects: readonly Effect[], seq: number): void {
  for (const { table, row, column, value } of effects) {
    state[table].write(row, column, value);
    if (table === "channel" && column === "wedged" && value === true)
      state.channel.set(row, "wedgedSeq", seq);
    if (table === "pending" && column === "agentId" && value !== undefined)
      state.pending.set(row, "sinceSeq", seq);
  }
}

/**
 * Writes a recorded answer into an agent's page, which then is byte for byte as the ring left it, given that it was as the ring
 * found it.
 */
export function applyResponse(
  config: FirmwareConfig,
  memory: FirmwareMemory,
  agentId: number,
  { channelStatus, length, header, payload }: RingResponse,
): void {
  const agent = indexOf(config).agents.get(agentId);
  assert(agent !== undefined, `a response is of an agent that the board lists, not ${agentId}`);
  const page = memory.window(agent.shmem);
  memcpyToIo(page, SHMEM.PAYLOAD, payload);
  page.write32(SHMEM.LENGTH, length);
  if (page.read32(SHMEM.MESSAGE_HEADER) !== header) page.write32(SHMEM.MESSAGE_HEADER, header);
  page.write32(SHMEM.CHANNEL_STATUS, channelStatus);
}

/** Writes what the firmware sent by itself into the pages that it went to. */
export function applySent(
  config: FirmwareConfig,
  memory: FirmwareMemory,
  sent: readonly SentByFirmware[],
): void {
  for (const message of sent) {
    if (message.outcome !== "sent") continue;
    const address = indexOf(config).agents.get(message.agentId)?.p2a ?? null;
    assert(
      address !== null,
      `only an agent with a platform-to-agent page is sent to, not ${message.agentId}`,
    );
    writeSent(memory, address, message);
  }
}
