import { completeOldest } from "#firmware/p2a/complete.ts";
import { packHeader } from "#scmi/header.ts";
import { type TestFirmware, words } from "../support/firmware.ts";
import { resourceBoard } from "../support/resource-board.ts";
import { AGENTS_WITH_P2A, type ComplianceRow } from "./rows.ts";

/** Sensor rules of the suite, played by agent 1, who may set every sensor up. Sensors are 0, 1 and 3; 0 has two trip points. */

const board = resourceBoard("v32", { agents: AGENTS_WITH_P2A });
/** The suite's bad sensor: their number + 1. */
const BAD = 5;

const call = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.call(1, "sensor", message, ...payload);
const status = (firmware: TestFirmware, message: string, ...payload: number[]) =>
  firmware.status(1, "sensor", message, ...payload);

/** Low and high attributes of every sensor, as a walk finds them. */
function walkSensors(firmware: TestFirmware): { low: number; high: number }[] {
  const found: { low: number; high: number }[] = [];
  for (let index = 0, remaining = 1; remaining > 0; ) {
    const [, word = 0, ...rest] = call(firmware, "SENSOR_DESCRIPTION_GET", index);
    for (let at = 0; at < rest.length; ) {
      const [low = 0, high = 0] = rest.slice(at + 1);
      found.push({ low, high });
      at += (low & 0x100) === 0 ? 7 : 13;
    }
    index += word & 0xfff;
    remaining = word >>> 16;
  }
  return found;
}

export const SENSOR_ROWS: readonly ComplianceRow[] = [
  {
    id: "m001",
    rule: "the version is the expected one",
    board,
    play: (firmware) => call(firmware, "PROTOCOL_VERSION"),
    wanted: [0, 0x3_0001],
  },
  {
    id: "m002",
    rule: "the attributes tell sensors, asynchronous readings and registers; bits 31:24 are 0",
    board,
    play: (firmware) => {
      const [word, attributes = 0, ...registers] = call(firmware, "PROTOCOL_ATTRIBUTES");
      return [word, attributes & 0xffff, (attributes >>> 16) & 0xff, attributes >>> 24, ...registers];
    },
    wanted: [0, 4, 4, 0, 0, 0, 0],
  },
  {
    id: "m003",
    rule: "messages 0x3 and 0x6 are there",
    board,
    play: (firmware) => [3, 6].map((id) => status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", id)),
    wanted: ["SUCCESS", "SUCCESS"],
  },
  {
    id: "m004",
    rule: "the first id above the commands of 2.0, 0x7, is NOT_FOUND, as a message and in MESSAGE_ATTRIBUTES",
    board,
    play: (firmware) => [
      status(firmware, "PROTOCOL_MESSAGE_ATTRIBUTES", 0x7),
      firmware.statusOfId(1, 0x15, 0x7),
    ],
    wanted: ["NOT_FOUND", "NOT_FOUND"],
    unmet: {
      instead: ["SUCCESS", "PROTOCOL_ERROR"],
      reason:
        "The suite's mistake: from protocol version 2.0 on, 0x7 is SENSOR_AXIS_DESCRIPTION_GET, and without a payload it is too short.",
    },
  },
  {
    id: "m005",
    rule: "descriptors are walked, bits 30:8 low and 21:16 and 10:8 high being 0; an index beyond the end is INVALID_PARAMETERS",
    board,
    play: (firmware) => [
      walkSensors(firmware).map(({ low, high }) => [(low & 0x7fff_ff00) >>> 0, high & 0x3f_0700]),
      status(firmware, "SENSOR_DESCRIPTION_GET", 3),
    ],
    wanted: [
      [
        [0, 0],
        [0, 0],
        [0, 0],
      ],
      "INVALID_PARAMETERS",
    ],
    unmet: {
      instead: [
        [
          [0x4000_6a00, 0],
          [0x2000_0000, 0x3_0100],
          [0x100, 0],
        ],
        "INVALID_PARAMETERS",
      ],
      reason:
        "The suite knows version 1.0. From 2.0 on the bits tell of continuous updates, timestamps, extended attributes and axes, from 3.0 on of long names.",
    },
  },
  {
    id: "m006",
    rule: "TRIP_POINT_NOTIFY with 0xf is INVALID_PARAMETERS",
    board,
    play: (firmware) => status(firmware, "SENSOR_TRIP_POINT_NOTIFY", 0, 0xf),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "m007",
    rule: "TRIP_POINT_NOTIFY of a bad sensor is NOT_FOUND",
    board,
    play: (firmware) => status(firmware, "SENSOR_TRIP_POINT_NOTIFY", BAD, 1),
    wanted: "NOT_FOUND",
  },
  {
    id: "m008",
    rule: "TRIP_POINT_CONFIG with reserved bits, or of the trip point with their number + 1, is INVALID_PARAMETERS",
    board,
    play: (firmware) =>
      [0xffff_fffc, 3 << 4].map((word) => status(firmware, "SENSOR_TRIP_POINT_CONFIG", 0, word, 0, 0)),
    wanted: ["INVALID_PARAMETERS", "INVALID_PARAMETERS"],
  },
  {
    id: "m009",
    rule: "TRIP_POINT_CONFIG of a bad sensor is NOT_FOUND",
    board,
    play: (firmware) => status(firmware, "SENSOR_TRIP_POINT_CONFIG", BAD, 0, 0, 0),
    wanted: "NOT_FOUND",
  },
  {
    id: "m010",
    rule: "TRIP_POINT_CONFIG of every trip point succeeds",
    board,
    play: (firmware) =>
      [0, 1].map((point) => status(firmware, "SENSOR_TRIP_POINT_CONFIG", 0, (point << 4) | 1, 3000, 0)),
    wanted: ["SUCCESS", "SUCCESS"],
  },
  {
    id: "m011",
    rule: "READING_GET with flags 0xf is INVALID_PARAMETERS",
    board,
    play: (firmware) => status(firmware, "SENSOR_READING_GET", 0, 0xf),
    wanted: "INVALID_PARAMETERS",
  },
  {
    id: "m012",
    rule: "READING_GET of a bad sensor is NOT_FOUND",
    board,
    play: (firmware) => status(firmware, "SENSOR_READING_GET", BAD, 0),
    wanted: "NOT_FOUND",
  },
  {
    id: "m013",
    rule: "READING_GET of every sensor succeeds",
    // The suite never enables a sensor: those of `v32` are, unless the board file says otherwise.
    board: { ...board, sensors: board.sensors.map((sensor) => ({ ...sensor, enabled: null })) },
    play: (firmware) => [0, 1, 3].map((id) => status(firmware, "SENSOR_READING_GET", id, 0)),
    wanted: ["SUCCESS", "SUCCESS", "SUCCESS"],
  },
  {
    id: "m014",
    rule: "an asynchronous reading is answered with a delayed response: message type 2, id 0x6",
    board,
    play: (firmware) => {
      const taken = firmware.send(1, { header: packHeader(0x15, 0x6, 5), payload: [0, 1] });
      const done = completeOldest(firmware.config, firmware.state, firmware.memory, { agentId: 1 });
      const [delayed] = done?.sent ?? [];
      return [words(taken.response?.payload ?? new Uint8Array()), delayed?.header];
    },
    wanted: [[0], packHeader(0x15, 0x6, 5, 2)],
  },
  {
    id: "m015",
    rule: "an asynchronous reading of a sensor that has none is NOT_SUPPORTED",
    board: { ...board, sensors: board.sensors.map((sensor) => ({ ...sensor, async: false })) },
    play: (firmware) => status(firmware, "SENSOR_READING_GET", 0, 1),
    wanted: "NOT_SUPPORTED",
  },
];
