import { composeWord } from "#scmi/fields.ts";
import { SENSOR } from "#scmi/protocols/sensor.ts";
import { sensor as sensorServer } from "../../protocols/sensor.ts";
import { readingsOf } from "../../resources/sensor-config.ts";
import type { Handler, Handlers } from "../../server-types.ts";

/** The driver of TF-A's server, for boards that build it. @see scmi-reference.md 4.6 */

type Rows = (typeof SENSOR)["commands"];

const configOf = sensorServer.handlers["SENSOR_CONFIG_GET"] as Handler<Rows["SENSOR_CONFIG_GET"]>;

const { SENSOR_DESCRIPTION_GET } = SENSOR.commands;

export const sensor: Handlers<Rows> = {
  // One sensor a message, always with extended attributes; of an index that is too high, none.
  SENSOR_DESCRIPTION_GET: ({ board }, { descIndex }) => {
    const all = [...board.resources.sensor.byId.values()];
    const config = all[descIndex];
    if (config === undefined) return { numSensorFlags: 0, descriptors: [] };
    const words = SENSOR_DESCRIPTION_GET.p2a.descriptors.item.fields;
    const { extended, timestamp, tripPoints, exponent, type } = config;
    const descriptor = {
      sensorId: config.id,
      attributesLow: composeWord(words.attributesLow, {
        extended: true,
        timestamps: timestamp !== false,
        timestampExponent: timestamp === false ? 0 : timestamp,
        tripPoints,
      }),
      attributesHigh: composeWord(words.attributesHigh, { exponent, type }),
      name: config.name,
      power: extended?.powerUw ?? 0,
      resolution: composeWord(words.resolution, {
        exponent: extended?.resolutionExponent ?? 0,
        value: extended?.resolution ?? 0,
      }),
      minRange: BigInt(extended?.min ?? 0),
      maxRange: BigInt(extended?.max ?? 0),
    };
    const numSensorFlags = composeWord(SENSOR_DESCRIPTION_GET.p2a.numSensorFlags, {
      returned: 1,
      remaining: all.length - descIndex - 1,
    });
    return { numSensorFlags, descriptors: [descriptor] };
  },

  SENSOR_READING_GET: ({ board, draft }, { sensorId }) => {
    const config = board.resources.sensor.byId.get(sensorId);
    if (config === undefined) return "INVALID_PARAMETERS";
    const [reading = 0] = readingsOf(draft, config);
    return { readings: [{ value: BigInt(reading), timestamp: 0n }] };
  },

  // Announced, and not there.
  SENSOR_LIST_UPDATE_INTERVALS: () => "NOT_SUPPORTED",

  SENSOR_CONFIG_GET: (context, request) =>
    context.board.resources.sensor.byId.has(request.sensorId)
      ? configOf(context, request)
      : "INVALID_PARAMETERS",
};
