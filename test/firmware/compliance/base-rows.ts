import type { TestFirmware } from "../support/firmware.ts";
import type { ComplianceRow } from "./rows.ts";

/** Base rules of the suite, played by agent 1. Agents are 0, 1 and 2; devices 0, 1 and 3, of which agent 1 holds 0. */

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(1, "base", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(1, "base", message, ...payload);

/** The suite's bad ids: the number of agents + 1, and a device that is not there. */
const BAD_AGENT = 4;
const BAD_DEVICE = 9;
const CALLER = 0xffff_ffff;
const POWER = 0x11;
const CLOCK = 0x14;

/** The name in an answer, from a word on. */
function nameAt(answer: readonly number[], word: number): string {
  const bytes = new Uint8Array(Uint32Array.from(answer.slice(word, word + 4)).buffer);
  return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
}

/** Whether agent 1 may read the power protocol's version, and switch on the domain of device 0. */
function power(firmware: TestFirmware): string[] {
  return [
    firmware.status(1, "power", "PROTOCOL_VERSION"),
    firmware.status(1, "power", "POWER_STATE_SET", 0, 1, 0),
  ];
}

const OPEN = ["SUCCESS", "SUCCESS"];
const SHUT = ["DENIED", "DENIED"];
const READABLE = ["SUCCESS", "DENIED"];

const READABLE_REASON =
  "No firmware does this: a device's permission is about its resources. Who is denied may still read the version and all attributes, " +
  "as with the reference firmware and i.MX's; what changes a resource is DENIED.";

export const BASE_ROWS: readonly ComplianceRow[] = [
  {
    id: "b001",
    rule: "the version is the expected one, in one word",
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x2_0000],
  },
  {
    id: "b002",
    rule: "agents and protocols are as expected, bits 31:16 are 0",
    play: (firmware) => call(firmware, "PROTOCOL_ATTRIBUTES"),
    wanted: [0, 0x303],
  },
  {
    id: "b003",
    rule: "messages 0x3, 0x5 and 0x6 are there, their attributes 0",
    play: (firmware) => [3, 5, 6].map((id) => call(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", id)),
    wanted: [
      [0, 0],
      [0, 0],
      [0, 0],
    ],
  },
  {
    id: "b004",
    rule: "a message that there is not, 0xc, is NOT_FOUND, asked about and sent",
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0xc),
      firmware.statusOfId(1, 0x10, 0xc),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["NOT_FOUND", "NOT_SUPPORTED"],
      reason:
        "The suite's mistake: the specification has NOT_SUPPORTED for what is not implemented, and NOT_FOUND for the question about " +
        "it. `unknownMessageStatus: NOT_FOUND` makes the model answer as SCP-firmware does.",
    },
  },
  {
    id: "b005",
    rule: "the vendor is the expected one",
    play: (firmware) => nameAt(call(firmware, "BASE_DISCOVER_VENDOR"), 1),
    wanted: "EPAM",
  },
  {
    id: "b006",
    rule: "the sub-vendor is the expected one",
    play: (firmware) => nameAt(call(firmware, "BASE_DISCOVER_SUB_VENDOR"), 1),
    wanted: "",
  },
  {
    id: "b007",
    rule: "the implementation version is the expected one",
    play: (firmware) => call(firmware, "BASE_DISCOVER_IMPLEMENTATION_VERSION"),
    wanted: [0, 0],
  },
  {
    id: "b008",
    rule: "protocols are listed from any number on; a number beyond them is INVALID_PARAMETERS",
    play: (firmware) => [
      call(firmware, "BASE_DISCOVER_LIST_PROTOCOLS", 0),
      call(firmware, "BASE_DISCOVER_LIST_PROTOCOLS", 2),
      status(firmware, "BASE_DISCOVER_LIST_PROTOCOLS", 0x100),
    ],
    wanted: [[0, 3, 0x14_1611], [0, 1, 0x14], "INVALID_PARAMETERS"],
  },
  {
    id: "b009",
    rule: "agent 0 is called platform, the caller finds itself, agents 1 to n are there and n + 1 is NOT_FOUND",
    play: (firmware) => [
      nameAt(call(firmware, "BASE_DISCOVER_AGENT", 0), 2).startsWith("platform"),
      call(firmware, "BASE_DISCOVER_AGENT", CALLER)[1],
      [1, 2, 3].map((id) => status(firmware, "BASE_DISCOVER_AGENT", id)),
      status(firmware, "BASE_DISCOVER_AGENT", BAD_AGENT),
    ],
    wanted: [true, 1, ["SUCCESS", "SUCCESS", "SUCCESS"], "NOT_FOUND"],
    unmet: {
      instead: [false, 1, ["SUCCESS", "SUCCESS", "NOT_FOUND"], "NOT_FOUND"],
      reason:
        "`v32` takes agents as the board lists them: an agent 0 is a caller like any other and counts among the n, as on the boards that " +
        "Xen's mediator runs on.",
    },
  },
  {
    id: "b010",
    rule: "BASE_NOTIFY_ERRORS can be asked for and called off; 0xf is INVALID_PARAMETERS",
    play: (firmware) => [1, 0, 0xf].map((word) => status(firmware, "BASE_NOTIFY_ERRORS", word)),
    wanted: ["SUCCESS", "SUCCESS", "INVALID_PARAMETERS"],
  },
  {
    id: "b011",
    rule: "BASE_SET_DEVICE_PERMISSIONS: unknown agent NOT_FOUND, flags 0xf INVALID_PARAMETERS, inaccessible device NOT_FOUND",
    play: (firmware) => [
      status(firmware, "BASE_SET_DEVICE_PERMISSIONS", BAD_AGENT, 0, 0),
      status(firmware, "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 0xf),
      status(firmware, "BASE_SET_DEVICE_PERMISSIONS", 1, BAD_DEVICE, 0),
    ],
    wanted: ["NOT_FOUND", "INVALID_PARAMETERS", "NOT_FOUND"],
  },
  {
    id: "b012",
    rule: "an agent that denies itself a device is DENIED message 0x0 of its protocols, until it allows the device again",
    play: (firmware) => [
      status(firmware, "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 0),
      power(firmware),
      status(firmware, "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 1),
      power(firmware),
    ],
    wanted: ["SUCCESS", SHUT, "SUCCESS", OPEN],
    unmet: { instead: ["SUCCESS", READABLE, "SUCCESS", OPEN], reason: READABLE_REASON },
  },
  {
    id: "b013",
    rule: "BASE_SET_PROTOCOL_PERMISSIONS: unknown agent, protocol base and inaccessible device NOT_FOUND, flags INVALID_PARAMETERS",
    play: (firmware) => [
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", BAD_AGENT, 0, CLOCK, 0),
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, 0x10, 0),
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, CLOCK, 0xf),
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", 1, BAD_DEVICE, CLOCK, 0),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND", "INVALID_PARAMETERS", "NOT_FOUND"],
  },
  {
    id: "b014",
    rule: "an agent that denies itself a protocol of a device is DENIED message 0x0 of it, until it allows it again",
    play: (firmware) => [
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, POWER, 0),
      power(firmware),
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, POWER, 1),
      power(firmware),
    ],
    wanted: ["SUCCESS", SHUT, "SUCCESS", OPEN],
    unmet: { instead: ["SUCCESS", READABLE, "SUCCESS", OPEN], reason: READABLE_REASON },
  },
  {
    id: "b015",
    rule: "BASE_RESET_AGENT_CONFIGURATION: unknown agent NOT_FOUND, flags 0xf INVALID_PARAMETERS",
    play: (firmware) => [
      status(firmware, "BASE_RESET_AGENT_CONFIGURATION", BAD_AGENT, 1),
      status(firmware, "BASE_RESET_AGENT_CONFIGURATION", 1, 0xf),
    ],
    wanted: ["NOT_FOUND", "INVALID_PARAMETERS"],
  },
  {
    id: "b016",
    rule: "BASE_RESET_AGENT_CONFIGURATION with flag 1 gives back a device that was denied",
    play: (firmware) => [
      status(firmware, "BASE_SET_DEVICE_PERMISSIONS", 1, 0, 0),
      power(firmware),
      status(firmware, "BASE_RESET_AGENT_CONFIGURATION", 1, 1),
      power(firmware),
    ],
    wanted: ["SUCCESS", SHUT, "SUCCESS", OPEN],
    unmet: { instead: ["SUCCESS", READABLE, "SUCCESS", OPEN], reason: READABLE_REASON },
  },
  {
    id: "b017",
    rule: "BASE_RESET_AGENT_CONFIGURATION with flag 1 gives back a protocol that was denied",
    play: (firmware) => [
      status(firmware, "BASE_SET_PROTOCOL_PERMISSIONS", 1, 0, POWER, 0),
      power(firmware),
      status(firmware, "BASE_RESET_AGENT_CONFIGURATION", 1, 1),
      power(firmware),
    ],
    wanted: ["SUCCESS", SHUT, "SUCCESS", OPEN],
    unmet: { instead: ["SUCCESS", READABLE, "SUCCESS", OPEN], reason: READABLE_REASON },
  },
];
