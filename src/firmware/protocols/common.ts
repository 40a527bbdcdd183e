import { type BitField, reservedBits } from "#scmi/fields.ts";
import type { Command } from "#scmi/protocol.ts";
import { type COMMON, notifyEnable } from "#scmi/protocols/common.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { mayChange } from "../access/permissions.ts";
import { subscribe } from "../p2a/subscriptions.ts";
import type { BoardIndex, ResourceKind } from "../resources/board-index.ts";
import type { Context, Handler } from "../server-types.ts";

/** The commands that every protocol answers alike. */
export const commonHandlers = {
  PROTOCOL_VERSION: ({ spoken }) => ({ version: spoken.version }),

  PROTOCOL_MESSAGE_ATTRIBUTES: ({ spoken }, { messageId }) =>
    spoken.has(messageId) ? { attributes: 0 } : "NOT_FOUND",

  NEGOTIATE_PROTOCOL_VERSION: ({ draft, caller, spoken }, { version }) => {
    const isSpoken =
      version >>> 16 === spoken.version >>> 16 && (version & 0xffff) <= (spoken.version & 0xffff);
    if (!isSpoken) return "NOT_SUPPORTED";
    // No two minor versions of a protocol differ in what is sent: the choice is kept, and changes no answer.
    draft.set("negotiated", caller, spoken.name, version === spoken.version ? undefined : version);
    return "SUCCESS";
  },
} satisfies { [Name in keyof typeof COMMON]: Handler<(typeof COMMON)[Name]> };

/** What commands answer to an id that no resource, agent or device has. */
export function noSuchId({ switches }: BoardIndex): ScmiStatus {
  return switches["rangeStatus.action"];
}

/** What an attributes command answers to an id without a resource: a gap below the highest id is NOT_FOUND. */
export function noAttributes(
  { resources, switches }: BoardIndex,
  kind: ResourceKind,
  id: number,
): ScmiStatus {
  return id < resources[kind].count ? "NOT_FOUND" : switches["rangeStatus.attributes"];
}

/** The refusal that a caller gets who may not change a resource, or null. */
export function denial({ board, draft, caller }: Context, kind: ResourceKind, id: number): ScmiStatus | null {
  return mayChange(board, draft, caller, kind, id) ? null : board.switches.deniedStatus;
}

/** Whether the firmware minds what is not defined: reserved bits, unknown states, asynchronous requests that it cannot serve. */
export function isStrict({ board }: Context): boolean {
  return board.switches.reservedFlagPolicy !== "ignore";
}

/** Whether a word has reserved bits that the firmware minds. */
export function hasStrayBits(
  context: Context,
  field: { readonly kind: "u32"; readonly bits: Readonly<Record<string, BitField>> },
  word: number,
): boolean {
  return isStrict(context) && (word & reservedBits(field)) !== 0;
}

const encoder = new TextEncoder();

/** Whether a name needs `*_NAME_GET`: attributes commands have room for 15 bytes of it. */
export function isLongName(name: string): boolean {
  return encoder.encode(name).length > 15;
}

/** What every `*_NAME_GET` answers. */
export function extendedName({ board }: Context, kind: ResourceKind, id: number) {
  const resource = board.resources[kind].byId.get(id);
  return resource === undefined ? noSuchId(board) : { flags: 0, name: resource.name };
}

/** Whether a resource's attributes say that it tells of something: that the command to ask for it is there, and obeyed. */
export function canNotify({ board, spoken }: Context, command: Command): boolean {
  return board.switches.notifications && spoken.has(command.id);
}

/** What every `*_NOTIFY` answers: the caller's wish is kept, where resources can notify at all. */
export function notify(
  context: Context,
  kind: ResourceKind,
  command: Command,
  id: number,
  word: number,
): ScmiStatus {
  const { board, draft, caller } = context;
  if (!board.resources[kind].byId.has(id)) return noSuchId(board);
  const denied = denial(context, kind, id);
  if (denied !== null) return denied;
  if (hasStrayBits(context, notifyEnable, word)) return "INVALID_PARAMETERS";
  if (!board.switches.notifications) return "NOT_SUPPORTED";
  subscribe(draft, caller, command, id, (word & 1) === 1);
  return "SUCCESS";
}
