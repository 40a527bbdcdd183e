import type { Profile } from "./profile.ts";
import { REF } from "./ref.ts";

/**
 * TF-A's own SCMI server, from which the reference firmware comes: a server for one agent, who may do everything.
 *
 * @see the `tfa` columns of scmi-reference.md
 */
export const TFA: Profile = {
  ...REF,
  name: "tfa",
  doc: "TF-A's own server, for one agent: no permissions, clock protocol 3.0.",
  switches: {
    ...REF.switches,
    "rangeStatus.attributes": "NOT_FOUND",
    "rangeStatus.action": "NOT_FOUND",
    agentsBelowCount: false,
    permissionsEnforced: false,
    // Its boards do as they like; the plainest is that the last request counts.
    pdRefCount: "none",
  },
  protocols: {
    base: { version: 0x2_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6] },
    power: { version: 0x2_1000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5] },
    clock: {
      version: 0x3_0000,
      messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe],
    },
    reset: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4] },
    sensor: { version: 0x2_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x6, 0x8, 0x9] },
  },
};
