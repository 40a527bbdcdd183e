import type { ProfileName } from "#config/board/board.ts";
import type { Draft } from "../draft.ts";
import { mayChange as ofRpi5 } from "../profiles/rpi5/may-change.ts";
import { mayChange as ofScp } from "../profiles/scp/may-change.ts";
import type { BoardIndex, ResourceKind } from "../resources/board-index.ts";

/** Whether an agent may change a resource. */
export type MayChange = (
  board: BoardIndex,
  draft: Draft,
  caller: number,
  protocol: ResourceKind,
  id: number,
) => boolean;

/** Profiles whose permissions are not a bit per agent and device. */
export const POLICIES: { readonly [Name in ProfileName]?: MayChange } = {
  "ref-rpi5": ofRpi5,
  scp: ofScp,
  // Its handlers go by levels; devices stand for access of another kind.
  imx: () => true,
};
