import { toHex } from "#base/hex.ts";
import { unpackHeader } from "#scmi/header.ts";
import type { Draft } from "../draft.ts";
import type { Context } from "../server-types.ts";

/**
 * Asynchronous requests: taken now and answered SUCCESS, done when somebody says so. Nothing happens by itself, so the same log
 * gives the same state.
 */

/** Whether the caller can ask for something asynchronously: the firmware does such things, and has a way to tell when it is done. */
export function canDefer(
  { board, caller }: Context,
  { async = true }: { readonly async?: boolean } = {},
): boolean {
  return board.switches.asyncSupport && async && (board.agents.get(caller)?.p2a ?? null) !== null;
}

/**
 * Takes the request under way to be done later; to be called when nothing speaks against it any more. Null: it was taken before,
 * and is to be done now.
 */
export function defer({ board, draft, caller, message, isCompletion }: Context): "SUCCESS" | "BUSY" | null {
  if (isCompletion) return null;
  const { protocolId } = unpackHeader(message.header);
  const rows = draft.rows("pending");
  const own = rows.filter((row) => isOf(draft, row, { agentId: caller, protocolId }));
  if (own.length >= board.switches.asyncPending) return "BUSY";
  const row = (rows.at(-1) ?? 0) + 1;
  draft.set("pending", row, "agentId", caller);
  draft.set("pending", row, "header", message.header);
  draft.set("pending", row, "payload", toHex(message.payload));
  return "SUCCESS";
}

/** Which pending requests are meant; what is left out, any. */
export interface PendingFilter {
  readonly agentId?: number;
  readonly protocolId?: number;
}

/** The pending request that was taken first, or undefined. */
export function oldestPending(draft: Draft, filter: PendingFilter): number | undefined {
  return draft.rows("pending").find((row) => isOf(draft, row, filter));
}

/** Forgets a pending request. */
export function forgetPending(draft: Draft, row: number): void {
  for (const column of ["agentId", "header", "payload", "sinceSeq"] as const) {
    draft.set("pending", row, column, undefined);
  }
}

/** Forgets what an agent has asked for and what waits for its page. */
export function forgetAgent(draft: Draft, agentId: number): void {
  for (const row of draft.rows("pending")) {
    if (isOf(draft, row, { agentId })) forgetPending(draft, row);
  }
  draft.set("p2a", agentId, "queue", undefined);
}

function isOf(draft: Draft, row: number, { agentId, protocolId }: PendingFilter): boolean {
  const header = draft.get("pending", row, "header");
  if (header === undefined) return false;
  if (agentId !== undefined && draft.get("pending", row, "agentId") !== agentId) return false;
  return protocolId === undefined || unpackHeader(header).protocolId === protocolId;
}
