import type { ProfileName } from "#config/board.ts";
import type { Switches } from "#config/switches.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import type { BoardIndex, ResourceKind } from "../board-index.ts";
import type { Draft } from "../draft.ts";
import type { AnyHandlers, Context } from "../server-types.ts";

/** How a profile speaks one protocol. */
export interface SpokenProtocol {
  /** The version word that PROTOCOL_VERSION tells. */
  readonly version: number;
  /** The version whose message layouts it uses; left out, those of `version`. */
  readonly layout?: number;
  /** Ids of the messages it implements; left out, all that the model has. */
  readonly messages?: readonly number[];
  /** Ids below the highest that it has no code for: they take no payload, and are not NOT_FOUND but NOT_SUPPORTED. */
  readonly holes?: readonly number[];
}

/** A message as a profile's gate sees it. */
export interface GatedMessage {
  readonly messageId: number;
  readonly payload: Uint8Array;
  /** Whether the message is implemented and has the right size. */
  readonly isWellFormed: boolean;
}

/** The behaviour of one real firmware, or of one that follows a specification. */
export interface Profile {
  readonly name: ProfileName;
  readonly doc: string;
  readonly switches: Switches;
  /** By the board file's protocol names, and `base`. */
  readonly protocols: { readonly [name: string]: SpokenProtocol };
  /** Code of its own for commands, by the names of protocol and command; what is left out is everybody's. */
  readonly handlers?: { readonly [protocol: string]: AnyHandlers };
  /** Whether an agent may change a resource; left out, a bit per agent and device says so. */
  readonly mayChange?: (
    board: BoardIndex,
    draft: Draft,
    caller: number,
    protocol: ResourceKind,
    id: number,
  ) => boolean;
  /** Refuses a message before anything else is looked at; null lets it pass. */
  readonly gate?: (context: Context, message: GatedMessage) => ScmiStatus | null;
}
