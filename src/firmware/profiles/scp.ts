import type { Profile } from "./profile.ts";
import { V32 } from "./v32.ts";

/**
 * Arm's SCP firmware: agent 0 is the platform, permissions are kept for each resource, and deny reading too. As it is, it does not
 * obey the commands that set them.
 *
 * @see scmi-reference.md 1.6, 5.3
 */
export const SCP: Profile = {
  ...V32,
  name: "scp",
  doc: "Arm's SCP firmware: permissions for each resource, which deny reading too, and commands for them that do nothing.",
  switches: {
    ...V32.switches,
    freeRing: "ignored",
    errorRing: "cleared",
    badLength: "answeredWithError",
    messageTypes: "notReserved",
    statusWord: "kept",
    // A mailbox of 128 bytes; boards differ.
    maxRequestPayload: 100,
    olderRequests: false,
    unknownMessageStatus: "NOT_FOUND",
    agentBase: 1,
    agent0Name: "platform",
    attributesWhenDenied: "DENIED",
    protocolHiddenWhenDenied: true,
    scpPermNoop: true,
    permBackupDepth: "last",
    clockVotes: "perStarter",
    resetAgentFlag0: "noop",
    rangeIndexChecked: false,
    asyncSupport: false,
    asyncPending: 0,
    p2aBusy: "drop",
    powercapVersion: "1.0",
  },
  protocols: {
    base: {
      version: 0x2_0000,
      messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x9, 0xa, 0xb],
      holes: [0x8],
    },
    power: { version: 0x2_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6] },
    system: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5] },
    performance: {
      version: 0x2_0000,
      messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0xa, 0xb],
    },
    clock: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7] },
    sensor: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6] },
    reset: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5] },
    voltage: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8] },
    powercap: {
      version: 0x1_0000,
      messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x9, 0xa, 0xb, 0xc],
      holes: [0x8],
    },
  },
};
