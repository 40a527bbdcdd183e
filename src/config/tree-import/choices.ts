import type { ProfileName } from "../board/board.ts";

/** What a device tree cannot say, and a person may. Null: not said, so that a default is assumed. */
export interface TreeChoices {
  readonly name: string | null;
  readonly profile: ProfileName | null;
  /** Agents that may set permissions; the default is Xen's own. */
  readonly trustedAgents: readonly number[] | null;
  /** The id of the agent behind Xen's own channel, where the tree does not tell it. */
  readonly xenAgent: number | null;
}
