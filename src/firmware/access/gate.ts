import type { ScmiStatus } from "#scmi/status.ts";
import type { ResourceKind } from "../resources/board-index.ts";
import type { Context } from "../server-types.ts";
import { mayChange } from "./permissions.ts";

/** A message that may have to stay outside. */
interface Arrival {
  readonly messageId: number;
  readonly payload: Uint8Array;
  /** Whether the message is implemented and has the right size. */
  readonly isWellFormed: boolean;
}

/** The first message that is about a resource. */
const FIRST_OF_RESOURCE = 3;

/**
 * The refusal of a message whose protocol the caller may not use at all, or of one that reads a resource that the caller may not
 * use, where even that is denied; null lets it pass to its handler.
 *
 * @see scmi-reference.md 5.3
 */
export function gate(context: Context, arrival: Arrival): ScmiStatus | null {
  const { board, caller, spoken } = context;
  const { profile, switches } = board;
  if (spoken.name === "base") return null;
  // There the permission of resets overrides what is wrong with a message.
  const isOverriding = profile.name === "scp" && spoken.name === "reset";
  if (!arrival.isWellFormed && !isOverriding) return null;
  const denied = board.agents.get(caller)?.deniedProtocols ?? [];
  if (denied.some((name) => name === spoken.name)) return switches.deniedStatus;
  const kind = kindOf(context);
  if (switches.attributesWhenDenied === "readable" || kind === null) return null;
  if (arrival.messageId < FIRST_OF_RESOURCE || checksItself(kind, arrival.messageId)) return null;

  const id = idOf(kind, arrival);
  if (!board.resources[kind].byId.has(id)) {
    return board.guards[kind].size > 0 && BLIND.includes(kind) && profile.name === "scp"
      ? switches.deniedStatus
      : null;
  }
  return mayChange(board, context.draft, caller, kind, id) ? null : switches.deniedStatus;
}

/** Protocols of which scp does not look whether the resource is there before it looks whether it is denied. */
const BLIND: readonly ResourceKind[] = ["reset", "voltage", "powercap"];

function kindOf({ board, spoken }: Context): ResourceKind | null {
  const isOfResources = Object.hasOwn(board.resources, spoken.name) && spoken.name !== "pinctrl";
  return isOfResources ? (spoken.name as ResourceKind) : null;
}

/** Commands that look at something else before they look at the permission themselves. */
function checksItself(kind: ResourceKind, messageId: number): boolean {
  return kind === "clock" && (messageId === 0x5 || messageId === 0x7);
}

/** The resource that a message is about: its first word, or its second behind flags. A message without has 0. */
function idOf(kind: ResourceKind, { messageId, payload }: Arrival): number {
  const offset = kind === "power" && messageId === 0x4 ? 4 : 0;
  if (payload.length < offset + 4) return 0;
  return new DataView(payload.buffer, payload.byteOffset).getUint32(offset, true);
}
