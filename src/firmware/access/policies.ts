import type { ProfileName } from "#config/board/board.ts";
import { mayChange as ofRpi5 } from "../profiles/rpi5/may-change.ts";
import { mayChange as ofScp } from "../profiles/scp/may-change.ts";
import type { MayChange } from "./may-change.ts";

/** Profiles whose permissions are not a bit per agent and device. */
export const POLICIES: { readonly [Name in ProfileName]?: MayChange } = {
  "ref-rpi5": ofRpi5,
  scp: ofScp,
  // Its handlers go by levels; devices stand for access of another kind.
  imx: () => true,
};
