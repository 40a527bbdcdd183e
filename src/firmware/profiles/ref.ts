import type { Profile } from "./profile.ts";

/**
 * The reference EL3 firmware of the Xen multi-agent series, as far as its boards share it: one server, each board with its own
 * resources.
 *
 * @see profile-ref.md
 */
export const REF: Profile = {
  name: "ref",
  doc: "The reference EL3 firmware, with the resources of the board file.",
  switches: {
    smtBusyLeak: true,
    freeRing: "refused",
    errorRing: "refused",
    badLength: "refused",
    messageTypes: "any",
    pageAtPowerOn: "kept",
    statusWord: "kept",
    maxRequestPayload: 92,
    maxListPayload: 92,
    listPadding: "kept",
    returnRegisters: "passed",
    unknownSipId: "32-bit",
    sizeCheck: "exact",
    olderRequests: false,
    unknownMessageStatus: "NOT_SUPPORTED",
    "rangeStatus.attributes": "INVALID_PARAMETERS",
    "rangeStatus.action": "INVALID_PARAMETERS",
    resetRangeStatus: "NOT_FOUND",
    reservedFlagPolicy: "ignore",
    listProtocolsPastEnd: "SUCCESS",
    agentBase: 0,
    agent0Name: "listed",
    agentsBelowCount: true,
    permissionsEnforced: true,
    agent0Privileged: true,
    denyForeignOwnerQuirk: false,
    staticOwnerGuardsClearing: false,
    deniedStatus: "DENIED",
    attributesWhenDenied: "readable",
    protocolHiddenWhenDenied: false,
    scpPermNoop: false,
    permBackupDepth: "boot",
    pdRefCount: "global",
    pdAlwaysOnCounted: true,
    clockVotes: "global",
    resetAgentFlag0: "noop",
    powerSyncSet: false,
    // Announced, though nothing can be started: TF-A's clock.c says 1.
    clockPendingAsync: 1,
    rangeIndexChecked: false,
    resetLatencyUs: 0x7fff_ffff,
    imxBugs: false,
    powercapVersion: "2.0",
    pinctrlPlus2Bug: false,
    notifications: false,
    p2aBusy: "drop",
    p2aToken: "zero",
    asyncSupport: false,
    asyncPending: 0,
    sensorsEnabled: true,
    levelIndexing: false,
    powerUnit: "mW",
  },
  protocols: {
    base: { version: 0x2_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x9, 0xb] },
    // Meant as 2.1, written as 2.4096: TF-A's power_domain.h.
    power: { version: 0x2_1000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5] },
    // Says 2.0 and answers CLOCK_ATTRIBUTES as 1.0 does, without the delay.
    clock: { version: 0x2_0000, layout: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7] },
    reset: { version: 0x1_0000, messages: [0x0, 0x1, 0x2, 0x3, 0x4] },
  },
};
