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
    pinctrlPlus2Bug: true,
  },
  protocols: {
    ...REF.protocols,
    pinctrl: {
      version: 0x1_0000,
      messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0xa],
      sizes: { 5: "atLeast", 6: "atLeast", 10: "any" },
    },
  },
};
