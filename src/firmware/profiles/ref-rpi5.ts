import type { Profile } from "./profile.ts";
import { REF } from "./ref.ts";

/**
 * The reference EL3 firmware as Raspberry Pi 5 runs it: devices that belong to one agent at a time, of which resets and pins are
 * guarded and nothing else.
 *
 * @see scmi-reference.md 4.7, 4.10, 5.2
 */
export const REF_RPI5: Profile = {
  ...REF,
  name: "ref-rpi5",
  doc: "The reference EL3 firmware on Raspberry Pi 5: devices with owners, which guard resets and pins.",
  switches: {
    ...REF.switches,
    denyForeignOwnerQuirk: true,
  },
};
