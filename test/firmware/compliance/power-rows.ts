import type { TestFirmware } from "../support/firmware.ts";
import { type ComplianceRow, complianceBoard } from "./rows.ts";

/** Power domain rules of the suite, played by agent 1, who may set every domain. Domains are 0, 1 and 3. */

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(1, "power", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(1, "power", message, ...payload);

const DOMAINS = [0, 1, 3];
/** The suite's bad domain: their number + 1. */
const BAD = 5;

/** A board that neither notifies nor takes asynchronous requests: the suite looks for domains without support. */
const plain = { ...complianceBoard, switches: { notifications: false, asyncSupport: false } };

export const POWER_ROWS: readonly ComplianceRow[] = [
  {
    id: "p001",
    rule: "the version is the expected one",
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x3_0001],
  },
  {
    id: "p002",
    rule: "domains and statistics are as expected, bits 31:16 are 0",
    play: (firmware) => call(firmware, "PROTOCOL_ATTRIBUTES"),
    wanted: [0, 4, 0, 0, 0],
  },
  {
    id: "p003",
    rule: "messages 0x3, 0x4 and 0x5 are there, their attributes 0",
    play: (firmware) => [3, 4, 5].map((id) => call(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", id)),
    wanted: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  },
  {
    id: "p004",
    rule: "a message that there is not, 0x8, is NOT_FOUND, asked about and sent",
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x8),
      firmware.statusOfId(1, 0x11, 0x8),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["SUCCESS", "PROTOCOL_ERROR"],
      reason:
        "The suite's mistake: from protocol version 3.0 on, 0x8 is POWER_DOMAIN_NAME_GET, and without a payload it is too short.",
    },
  },
  {
    id: "p005",
    rule: "the attributes of every domain have bits 28:0 clear",
    play: (firmware) =>
      DOMAINS.map((id) => (call(firmware, "POWER_DOMAIN_ATTRIBUTES", id)[1] ?? 0) & 0x1fff_ffff),
    wanted: [0, 0, 0],
    unmet: {
      instead: [0x1000_0000, 0x1000_0000, 0x1800_0000],
      reason:
        "The suite knows version 2.0. Bit 28 tells of notifications of requested changes, bit 27 of a long name from 3.0 on.",
    },
  },
  {
    id: "p006",
    rule: "attributes of a bad domain are NOT_FOUND",
    play: (firmware) => status(firmware, "POWER_DOMAIN_ATTRIBUTES", BAD),
    wanted: "NOT_FOUND",
  },
  {
    id: "p007",
    rule: "POWER_STATE_SET: flags 0xf and 0xe, and state 0xff000000, are INVALID_PARAMETERS",
    play: (firmware) => [
      status(firmware, "POWER_STATE_SET", 0xf, 1, 0),
      status(firmware, "POWER_STATE_SET", 0xe, 1, 0),
      status(firmware, "POWER_STATE_SET", 0, 1, 0xff00_0000),
    ],
    wanted: ["INVALID_PARAMETERS", "INVALID_PARAMETERS", "INVALID_PARAMETERS"],
  },
  {
    id: "p008",
    rule: "POWER_STATE_SET of a domain that cannot be set asynchronously is NOT_SUPPORTED so",
    board: plain,
    play: (firmware) => [
      (call(firmware, "POWER_DOMAIN_ATTRIBUTES", 1)[1] ?? 0) & 0x4000_0000,
      status(firmware, "POWER_STATE_SET", 1, 1, 0),
    ],
    wanted: [0, "NOT_SUPPORTED"],
  },
  {
    id: "p009",
    rule: "POWER_STATE_SET of a bad domain is NOT_FOUND",
    play: (firmware) => status(firmware, "POWER_STATE_SET", 0, BAD, 0),
    wanted: "NOT_FOUND",
  },
  {
    id: "p010",
    rule: "POWER_STATE_GET of every domain is SUCCESS",
    play: (firmware) => DOMAINS.map((id) => status(firmware, "POWER_STATE_GET", id)),
    wanted: ["SUCCESS", "SUCCESS", "SUCCESS"],
  },
  {
    id: "p011",
    rule: "POWER_STATE_GET of a bad domain is NOT_FOUND",
    play: (firmware) => status(firmware, "POWER_STATE_GET", BAD),
    wanted: "NOT_FOUND",
  },
  {
    id: "p012",
    rule: "POWER_STATE_NOTIFY with 0xf is INVALID_PARAMETERS",
    play: (firmware) => status(firmware, "POWER_STATE_NOTIFY", 1, 0xf),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "p013",
    rule: "POWER_STATE_NOTIFY of a domain that does not notify is NOT_SUPPORTED",
    board: plain,
    play: (firmware) => [
      (call(firmware, "POWER_DOMAIN_ATTRIBUTES", 1)[1] ?? 0) >>> 31,
      status(firmware, "POWER_STATE_NOTIFY", 1, 1),
    ],
    wanted: [0, "NOT_SUPPORTED"],
  },
  {
    id: "p014",
    rule: "POWER_STATE_NOTIFY of a bad domain is NOT_FOUND",
    play: (firmware) => status(firmware, "POWER_STATE_NOTIFY", BAD, 1),
    wanted: "NOT_FOUND",
  },
  {
    id: "p015",
    rule: "POWER_STATE_CHANGE_REQUESTED_NOTIFY with 0xf is INVALID_PARAMETERS",
    play: (firmware) => status(firmware, "POWER_STATE_CHANGE_REQUESTED_NOTIFY", 1, 0xf),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "p016",
    rule: "POWER_STATE_CHANGE_REQUESTED_NOTIFY of a bad domain is NOT_FOUND",
    play: (firmware) => status(firmware, "POWER_STATE_CHANGE_REQUESTED_NOTIFY", BAD, 1),
    wanted: "NOT_FOUND",
  },
];
