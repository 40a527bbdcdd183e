import type { TestFirmware } from "../support/firmware.ts";
import { type ComplianceRow, complianceBoard } from "./rows.ts";

/** Reset domain rules of the suite, played by agent 1, who may reset every domain. Domains are 0, 1 and 3. */

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(1, "reset", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(1, "reset", message, ...payload);

const DOMAINS = [0, 1, 3];
/** The suite's bad domain: their number + 1. */
const BAD = 5;

/** A board whose domains cannot be reset asynchronously. */
const plain = { ...complianceBoard, switches: { asyncSupport: false } };

export const RESET_ROWS: readonly ComplianceRow[] = [
  {
    id: "r001",
    rule: "the version is the expected one",
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x3_0001],
  },
  {
    id: "r002",
    rule: "domains are as expected, bits 31:16 are 0",
    play: (firmware) => call(firmware, "PROTOCOL_ATTRIBUTES"),
    wanted: [0, 4],
  },
  {
    id: "r003",
    rule: "messages 0x3 and 0x4 are there",
    play: (firmware) => [3, 4].map((id) => status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", id)),
    wanted: ["SUCCESS", "SUCCESS"],
  },
  {
    id: "r004",
    rule: "a message that there is not, 0x6, is NOT_FOUND, asked about and sent",
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x6),
      firmware.statusOfId(1, 0x16, 0x6),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["SUCCESS", "PROTOCOL_ERROR"],
      reason:
        "The suite's mistake: from protocol version 3.0 on, 0x6 is RESET_DOMAIN_NAME_GET, and without a payload it is too short.",
    },
  },
  {
    id: "r005",
    rule: "the attributes of every domain have bits 29:0 clear",
    play: (firmware) =>
      DOMAINS.map((id) => (call(firmware, "RESET_DOMAIN_ATTRIBUTES", id)[1] ?? 0) & 0x3fff_ffff),
    wanted: [0, 0, 0],
    unmet: {
      instead: [0, 0x2000_0000, 0],
      reason: "The suite knows version 1.0. Bit 29 tells of a long name from 3.0 on.",
    },
  },
  {
    id: "r006",
    rule: "attributes of a bad domain are NOT_FOUND",
    play: (firmware) => status(firmware, "RESET_DOMAIN_ATTRIBUTES", BAD),
    wanted: "NOT_FOUND",
  },
  {
    id: "r007",
    rule: "RESET of a bad domain is NOT_FOUND",
    play: (firmware) => status(firmware, "RESET", BAD, 1, 0),
    wanted: "NOT_FOUND",
  },
  {
    id: "r008",
    rule: "RESET with flags 0xf8 is INVALID_PARAMETERS; asynchronous of a domain that cannot, NOT_SUPPORTED",
    board: plain,
    play: (firmware) => [status(firmware, "RESET", 0, 0xf8, 0), status(firmware, "RESET", 0, 5, 0)],
    wanted: ["INVALID_PARAMETERS", "NOT_SUPPORTED"],
    unmet: {
      instead: ["INVALID_PARAMETERS", "INVALID_PARAMETERS"],
      reason:
        "RESET has no NOT_SUPPORTED in the specification: flags that a domain cannot follow are invalid, as i.MX's firmware says too.",
    },
  },
  {
    id: "r009",
    rule: "RESET to architectural state 0xff is INVALID_PARAMETERS",
    play: (firmware) => status(firmware, "RESET", 0, 1, 0xff),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "r010",
    rule: "RESET_NOTIFY of a bad domain is NOT_FOUND",
    play: (firmware) => status(firmware, "RESET_NOTIFY", BAD, 1),
    wanted: "NOT_FOUND",
  },
  {
    id: "r011",
    rule: "RESET_NOTIFY with 0xf is INVALID_PARAMETERS",
    play: (firmware) => status(firmware, "RESET_NOTIFY", 0, 0xf),
    wanted: "INVALID_PARAMETERS",
  },
];
