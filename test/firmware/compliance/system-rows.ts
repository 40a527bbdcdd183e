import type { TestFirmware } from "../support/firmware.ts";
import { resourceBoard } from "../support/resource-board.ts";
import type { ComplianceRow } from "./rows.ts";

/** System power rules of the suite, played by agent 0, who is trusted. */

const board = resourceBoard("v32");

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(0, "system", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(0, "system", message, ...payload);

export const SYSTEM_ROWS: readonly ComplianceRow[] = [
  {
    id: "s001",
    rule: "the version is the expected one",
    board,
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x2_0001],
  },
  {
    id: "s002",
    rule: "the attributes are 0",
    board,
    play: (firmware) => call(firmware, "PROTOCOL_ATTRIBUTES"),
    wanted: [0, 0],
  },
  {
    id: "s003",
    rule: "STATE_SET is there, with bits 29:0 clear; whether STATE_GET is there is told",
    board,
    play: (firmware) => {
      const [word, attributes = 0] = call(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x3);
      return [word, attributes & 0x3fff_ffff, status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x4)];
    },
    wanted: [0, 0, "NOT_FOUND"],
  },
  {
    id: "s004",
    rule: "the first id above the commands, 0x6, is NOT_FOUND, as a message and in MESSAGE_ATTRIBUTES",
    board,
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x6),
      firmware.statusOfId(0, 0x12, 0x6),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["NOT_FOUND", "NOT_SUPPORTED"],
      reason:
        "An unknown message is NOT_SUPPORTED in SCMI's wording and in most firmware; the switch unknownMessageStatus makes it the suite's NOT_FOUND.",
    },
  },
  {
    id: "s005",
    rule: "STATE_SET with flags 0xf is INVALID_PARAMETERS",
    board,
    play: (firmware) => status(firmware, "SYSTEM_POWER_STATE_SET", 0xf, 0),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "s006",
    rule: "STATE_GET is NOT_SUPPORTED for an agent that sees the whole system",
    board,
    play: (firmware) => status(firmware, "SYSTEM_POWER_STATE_GET"),
    wanted: "NOT_SUPPORTED",
  },
  {
    id: "s007",
    rule: "STATE_NOTIFY with 0xf is INVALID_PARAMETERS",
    board,
    play: (firmware) => status(firmware, "SYSTEM_POWER_STATE_NOTIFY", 0xf),
    wanted: "INVALID_PARAMETERS",
  },
];
