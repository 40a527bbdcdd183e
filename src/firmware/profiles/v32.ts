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
    agentsBelowCount: false,
    agent0Privileged: false,
    staticOwnerGuardsClearing: true,
    deniedStatus: "DENIED",
    pdRefCount: "none",
    powerSyncSet: true,
    clockPendingAsync: 0,
    rangeIndexChecked: true,
    resetLatencyUs: 0xffff_ffff,
    notifications: true,
  },
  protocols: {
    // 2.0 as the mediator's reference has it, with every message of 2.1.
    base: { version: 0x2_0000 },
    power: { version: 0x3_0001 },
    clock: { version: 0x3_0000 },
    reset: { version: 0x3_0001 },
  },
};
    p2aBusy: "queue",
    p2aToken: "zero",
    asyncSupport: true,
    asyncPending: 4,
    sensorsEnabled: true,
    levelIndexing: false,
    powerUnit: "mW",
