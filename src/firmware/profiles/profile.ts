import type { ProfileName } from "#config/board.ts";
import type { Switches } from "#config/switches.ts";

/** How a profile speaks one protocol. */
export interface SpokenProtocol {
  /** The version word that PROTOCOL_VERSION tells. */
  readonly version: number;
  /** The version whose message layouts it uses; left out, those of `version`. */
  readonly layout?: number;
  /** Ids of the messages it implements; left out, all that the model has. */
  readonly messages?: readonly number[];
}

/** The behaviour of one real firmware, or of one that follows a specification. */
export interface Profile {
  readonly name: ProfileName;
  readonly doc: string;
  readonly switches: Switches;
  /** By the board file's protocol names, and `base`. */
  readonly protocols: { readonly [name: string]: SpokenProtocol };
}
