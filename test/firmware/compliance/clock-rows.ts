import { applyEffects } from "#firmware/apply.ts";
import { completeOldest } from "#firmware/p2a/complete.ts";
import { packHeader } from "#scmi/header.ts";
import { type TestFirmware, words } from "../support/firmware.ts";
import type { ComplianceRow } from "./rows.ts";

/** Clock rules of the suite, played by agent 1, who may set every clock. Clocks are 0 (a list), 1 (a range) and 3 (fixed). */

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(1, "clock", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(1, "clock", message, ...payload);

const CLOCKS = [0, 1, 3];
/** The suite's bad clock: their number + 1. */
const BAD = 5;

const enabled = (firmware: TestFirmware, id: number) => (call(firmware, "CLOCK_ATTRIBUTES", id)[1] ?? 0) & 1;

export const CLOCK_ROWS: readonly ComplianceRow[] = [
  {
    id: "c001",
    rule: "the version is the expected one",
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x3_0000],
  },
  {
    id: "c002",
    rule: "clocks and asynchronous changes at a time are as expected, bits 31:24 are 0",
    play: (firmware) => call(firmware, "PROTOCOL_ATTRIBUTES"),
    wanted: [0, 0x4_0004],
  },
  {
    id: "c003",
    rule: "messages 0x3 to 0x7 are there, their attributes 0",
    play: (firmware) => [3, 4, 5, 6, 7].map((id) => call(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", id)[1]),
    wanted: [0, 0, 0, 0, 0],
  },
  {
    id: "c004",
    rule: "a message that there is not, 0x8, is NOT_FOUND, asked about and sent",
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x8),
      firmware.statusOfId(1, 0x14, 0x8),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["SUCCESS", "PROTOCOL_ERROR"],
      reason:
        "The suite's mistake: from protocol version 2.0 on, 0x8 is CLOCK_NAME_GET, and without a payload it is too short.",
    },
  },
  {
    id: "c005",
    rule: "the attributes of every clock have bits 31:1 clear",
    play: (firmware) => CLOCKS.map((id) => (call(firmware, "CLOCK_ATTRIBUTES", id)[1] ?? 0) & ~1),
    wanted: [0, 0, 0],
    unmet: {
      instead: CLOCKS.map(() => 0xc000_0000 | 0),
      reason: "The suite knows version 1.0. Bits 31 and 30 tell of notifications from 2.0 on.",
    },
  },
  {
    id: "c006",
    rule: "attributes of a bad clock are NOT_FOUND",
    play: (firmware) => status(firmware, "CLOCK_ATTRIBUTES", BAD),
    wanted: "NOT_FOUND",
  },
  {
    id: "c007",
    rule: "rates are described with bits 15:13 clear and counts that add up; of a list, an index beyond the end is OUT_OF_RANGE",
    play: (firmware) => [
      CLOCKS.map((id) => {
        const [, word = 0, ...rates] = call(firmware, "CLOCK_DESCRIBE_RATES", id, 0);
        return [word & 0xe000, (word & 0xfff) === rates.length / 2, word >>> 16];
      }),
      status(firmware, "CLOCK_DESCRIBE_RATES", 0, 2),
    ],
    wanted: [CLOCKS.map(() => [0, true, 0]), "OUT_OF_RANGE"],
  },
  {
    id: "c008",
    rule: "rates of a bad clock are NOT_FOUND",
    play: (firmware) => status(firmware, "CLOCK_DESCRIBE_RATES", BAD, 0),
    wanted: "NOT_FOUND",
  },
  {
    id: "c009",
    rule: "a rate that is set is read back",
    play: (firmware) => [
      status(firmware, "CLOCK_RATE_SET", 0, 0, 1_843_200, 0),
      call(firmware, "CLOCK_RATE_GET", 0),
      status(firmware, "CLOCK_RATE_SET", 0, 0, 24_000_000, 0),
    ],
    wanted: ["SUCCESS", [0, 1_843_200, 0], "SUCCESS"],
  },
  {
    id: "c010",
    rule: "a rate that is set asynchronously is told of by a delayed response, with clock and rate, and read back",
    play: (firmware) => {
      const taken = status(firmware, "CLOCK_RATE_SET", 1, 0, 1_843_200, 0);
      const done = completeOldest(firmware.config, firmware.state, firmware.memory, {});
      applyEffects(firmware.state, done?.effects ?? [], 0);
      const sent = (done?.sent ?? []).map(({ header, payload }) => [header, ...words(payload)]);
      return [taken, sent, call(firmware, "CLOCK_RATE_GET", 0)];
    },
    wanted: ["SUCCESS", [[packHeader(0x14, 0x5, 0, 2), 0, 0, 1_843_200, 0]], [0, 1_843_200, 0]],
  },
  {
    id: "c011",
    rule: "a rate above the highest is INVALID_PARAMETERS, and so are flags 0xff",
    play: (firmware) => [
      status(firmware, "CLOCK_RATE_SET", 0, 0, 24_000_001, 0),
      status(firmware, "CLOCK_RATE_SET", 0xff, 0, 24_000_000, 0),
    ],
    wanted: ["INVALID_PARAMETERS", "INVALID_PARAMETERS"],
  },
  {
    id: "c012",
    rule: "setting the rate of a bad clock is NOT_FOUND",
    play: (firmware) => status(firmware, "CLOCK_RATE_SET", 0, BAD, 24_000_000, 0),
    wanted: "NOT_FOUND",
  },
  {
    id: "c013",
    rule: "the rate of every clock can be read",
    play: (firmware) => CLOCKS.map((id) => status(firmware, "CLOCK_RATE_GET", id)),
    wanted: ["SUCCESS", "SUCCESS", "SUCCESS"],
  },
  {
    id: "c014",
    rule: "the rate of a bad clock is NOT_FOUND",
    play: (firmware) => status(firmware, "CLOCK_RATE_GET", BAD),
    wanted: "NOT_FOUND",
  },
  {
    id: "c015",
    rule: "CLOCK_CONFIG_SET with 0xf is INVALID_PARAMETERS",
    play: (firmware) => status(firmware, "CLOCK_CONFIG_SET", 0, 0xf),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "c016",
    rule: "CLOCK_CONFIG_SET of a bad clock is NOT_FOUND",
    play: (firmware) => status(firmware, "CLOCK_CONFIG_SET", BAD, 1),
    wanted: "NOT_FOUND",
  },
  {
    id: "c017",
    rule: "bit 0 of CLOCK_ATTRIBUTES follows CLOCK_CONFIG_SET",
    play: (firmware) =>
      [1, 0].flatMap((on) => [status(firmware, "CLOCK_CONFIG_SET", 0, on), enabled(firmware, 0)]),
    wanted: ["SUCCESS", 1, "SUCCESS", 0],
  },
];
