import type { Profile } from "./profile.ts";

/**
 * A firmware that does what SCMI v3.2 asks for, and what a Linux agent needs; its base protocol and transport are those of the
 * mediator's reference.
 *
 * @see mediator-reference.md 5.3; the `v32` columns of scmi-reference.md
 */
export const V32: Profile = {
  name: "v32",
  doc: "What SCMI v3.2 asks for.",
  switches: {
    smtBusyLeak: false,
    freeRing: "refused",
    errorRing: "refused",
    badLength: "refused",
    messageTypes: "any",
    pageAtPowerOn: "kept",
    statusWord: "replaced",
    maxRequestPayload: 4068,
    // What a 128-byte channel holds: agents have buffers of about that size, whatever the page has.
    maxListPayload: 100,
    listPadding: "zero",
    returnRegisters: "zero",
    unknownSipId: "64-bit",
    sizeCheck: "exact",
    olderRequests: true,
    unknownMessageStatus: "NOT_SUPPORTED",
    "rangeStatus.attributes": "NOT_FOUND",
    "rangeStatus.action": "NOT_FOUND",
    resetRangeStatus: "NOT_FOUND",
    reservedFlagPolicy: "INVALID_PARAMETERS",
    listProtocolsPastEnd: "INVALID_PARAMETERS",
    agentBase: 0,
    agent0Name: "listed",
    agentsBelowCount: false,
    permissionsEnforced: true,
    agent0Privileged: false,
    denyForeignOwnerQuirk: false,
    staticOwnerGuardsClearing: true,
    deniedStatus: "DENIED",
    attributesWhenDenied: "readable",
    protocolHiddenWhenDenied: false,
    scpPermNoop: false,
    permBackupDepth: "boot",
    pdRefCount: "perAgent",
    pdAlwaysOnCounted: true,
    clockVotes: "perAgent",
    resetAgentFlag0: "state",
    powerSyncSet: true,
    clockPendingAsync: 0,
    rangeIndexChecked: true,
    resetLatencyUs: 0xffff_ffff,
    imxBugs: false,
    powercapVersion: "2.0",
    pinctrlPlus2Bug: false,
    notifications: true,
    p2aBusy: "queue",
    p2aToken: "zero",
    asyncSupport: true,
    asyncPending: 4,
    sensorsEnabled: true,
    levelIndexing: false,
    powerUnit: "mW",
  },
  protocols: {
    // 2.0 as the mediator's reference has it, with every message of 2.1.
    base: { version: 0x2_0000 },
    power: { version: 0x3_0001 },
    // SYSTEM_POWER_STATE_GET is for agents that do not see the whole system.
    system: { version: 0x2_0001, messages: [0x0, 0x1, 0x2, 0x3, 0x5, 0x10] },
    performance: { version: 0x4_0000 },
    clock: { version: 0x3_0000 },
    sensor: { version: 0x3_0001 },
    reset: { version: 0x3_0001 },
    voltage: { version: 0x2_0001 },
    // Its version is a switch.
    powercap: { version: 0x2_0000 },
    // The layout of PINCTRL_SET_PERMISSIONS is not known for sure.
    pinctrl: {
      version: 0x1_0000,
      messages: [0x0, 0x1, 0x2, 0x3, 0x4, 0x5, 0x6, 0x7, 0x8, 0x9, 0x10],
    },
  },
};
