import type { Profile } from "./profile.ts";
import { REF } from "./ref.ts";

/**
 * The reference EL3 firmware as Renesas R-Car V4H runs it: permission commands that lead nowhere, and nothing enforced.
 *
 * @see scmi-reference.md 4.2, 4.5, 5.2
 */
export const REF_RCAR: Profile = {
  ...REF,
  name: "ref-rcar",
  doc: "The reference EL3 firmware on Renesas R-Car V4H: no devices, no permissions.",
  switches: {
    ...REF.switches,
    permissionsEnforced: false,
    // Only domains that firmware forces on are switched on at power-on; the others that are always on have no users yet.
    pdAlwaysOnCounted: false,
  },
};
