import type { ProfileName } from "#config/board/board.ts";
import type { Switches } from "#config/board/switches.ts";

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
  /** Ids of messages whose size is not checked, or only that they are not too short, whatever `sizeCheck` says. */
  readonly sizes?: { readonly [messageId: number]: "any" | "atLeast" };
}

/**
 * The behaviour of one real firmware, or of one that follows a specification. What switches cannot say is code: see
 * `own-handlers.ts` and `policies.ts`.
 */
export interface Profile {
  readonly name: ProfileName;
  readonly doc: string;
  readonly switches: Switches;
  /** By the board file's protocol names, and `base`. */
  readonly protocols: { readonly [name: string]: SpokenProtocol };
  /** Whether its code tells resources that are fused off from ids that there are not; else they are gaps. */
  readonly keepsAbsent?: boolean;
}
