import { fromHex } from "#base/hex.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { SentByFirmware, SmcMessage } from "#events/types.ts";
import { finish } from "../dispatch.ts";
import { Draft } from "../draft.ts";
import { indexOf } from "../resources/board-index.ts";
import type { FirmwareMemory } from "../ring.ts";
import type { Effect, FirmwareState } from "../state.ts";
import { messageIn, Outbox, setFree } from "./outbox.ts";
import { forgetPending, oldestPending, type PendingFilter } from "./pending.ts";

/** What finishing an asynchronous request came to. */
export interface Completion {
  readonly agentId: number;
  /** The command as the agent sent it. */
  readonly request: SmcMessage;
  readonly status: number;
  readonly effects: readonly Effect[];
  readonly sent: readonly SentByFirmware[];
}

/**
 * Finishes the asynchronous request that was taken first of those meant: carries it out, with every check again, for things may have
 * changed; notifies; and sends the delayed response. As with a ring, what counts is the outcome. Null: nothing is pending.
 *
 * @param memory scratch memory
 */
export function completeOldest(
  config: FirmwareConfig,
  state: FirmwareState,
  memory: FirmwareMemory,
  filter: PendingFilter,
): Completion | null {
  const board = indexOf(config);
  const draft = new Draft(state);
  const row = oldestPending(draft, filter);
  if (row === undefined) return null;
  const { agentId, header, payload: hex } = state.pending.at(row);
  const request = { header, payload: fromHex(hex) ?? new Uint8Array(0) };
  forgetPending(draft, row);
  const outbox = new Outbox(board, draft, memory);
  const { status, delayed } = finish(board, draft, outbox, agentId, request);
  if (delayed !== null) outbox.send(agentId, delayed);
  return { agentId, request, status, effects: draft.effects(), sent: outbox.sent };
}

/** What an agent's acknowledgement came to. */
export interface Acknowledgement {
  readonly page: number;
  /** What lay in the page. */
  readonly message: SmcMessage;
  readonly effects: readonly Effect[];
  /** What had waited for the page, at most one. */
  readonly sent: readonly SentByFirmware[];
}

/**
 * An agent sets its platform-to-agent page FREE, and what has waited for that is sent. Null: the agent has no such page, or it is
 * FREE.
 *
 * @param memory scratch memory
 */
export function acknowledge(
  config: FirmwareConfig,
  state: FirmwareState,
  memory: FirmwareMemory,
  agentId: number,
): Acknowledgement | null {
  const board = indexOf(config);
  const page = board.agents.get(agentId)?.p2a ?? null;
  const message = page === null ? null : messageIn(memory, page);
  if (page === null || message === null) return null;
  setFree(memory, page);
  const draft = new Draft(state);
  const outbox = new Outbox(board, draft, memory);
  outbox.sendWaiting(agentId);
  return { page, message, effects: draft.effects(), sent: outbox.sent };
}
