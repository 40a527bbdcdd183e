import type { SensorConfig } from "#config/board/board.ts";
import { composeWord, readBits } from "#scmi/fields.ts";
import { SENSOR } from "#scmi/protocols/sensor.ts";
import { subscribe } from "../../p2a/subscriptions.ts";
import { listPage } from "../../resources/list-page.ts";
import { readingsOf } from "../../resources/sensor-config.ts";
import type { Context, Handlers } from "../../server-types.ts";
import { negotiate } from "./common.ts";
import { isAbsent, refusal } from "./levels.ts";
import { setupOf, voteInVain, voteSensor } from "./sensor-votes.ts";

const {
  PROTOCOL_ATTRIBUTES,
  SENSOR_DESCRIPTION_GET,
  SENSOR_TRIP_POINT_NOTIFY,
  SENSOR_TRIP_POINT_CONFIG,
  SENSOR_CONFIG_GET,
  SENSOR_CONFIG_SET,
} = SENSOR.commands;

/** Sensor management protocol: sensors without axes, each enabled instance by instance. @see profile-imx.md */
export const sensor: Handlers<(typeof SENSOR)["commands"]> = {
  NEGOTIATE_PROTOCOL_VERSION: negotiate,

  PROTOCOL_ATTRIBUTES: ({ board }) => ({
    attributes: composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, { sensors: board.resources.sensor.count }),
    registersAddress: 0n,
    registersLen: 0,
  }),

  SENSOR_DESCRIPTION_GET: (context, { descIndex }) => {
    const { byId, count } = context.board.resources.sensor;
    if (descIndex >= count) return "INVALID_PARAMETERS";
    const ids = Array.from({ length: Math.min(count - descIndex, DESCRIBED_MAX) }, (_, i) => descIndex + i);
    const { items, returned } = listPage(
      context,
      SENSOR_DESCRIPTION_GET,
      ids.map((id) => describe(id, isAbsent(context, "sensor", id) ? undefined : byId.get(id))),
      0,
    );
    // The last of the message speaks for all of it.
    if (isAbsent(context, "sensor", descIndex + returned - 1)) return "NOT_FOUND";
    const remaining = count - descIndex - returned;
    const numSensorFlags = composeWord(SENSOR_DESCRIPTION_GET.p2a.numSensorFlags, { returned, remaining });
    return { numSensorFlags, descriptors: items };
  },

  SENSOR_TRIP_POINT_NOTIFY: (context, { sensorId, sensorEventControl }) => {
    const refused = refusal(context, "sensor", sensorId, "NOTIFY");
    if (refused !== null) return refused;
    if (isAbsent(context, "sensor", sensorId)) return "NOT_FOUND";
    const enable = (sensorEventControl & 1) === 1;
    subscribe(context.draft, context.caller, SENSOR_TRIP_POINT_NOTIFY, sensorId, enable);
    return "SUCCESS";
  },

  SENSOR_TRIP_POINT_CONFIG: (context, { sensorId, tripPointEventControl, value }) => {
    const { board, draft, caller } = context;
    const refused = refusal(context, "sensor", sensorId, "EXCLUSIVE");
    if (refused !== null) return refused;
    const config = present(context, sensorId);
    if (typeof config === "string") return config;
    if (!setupOf(board, draft, caller, sensorId).enabled) return "NOT_SUPPORTED";
    const parts = SENSOR_TRIP_POINT_CONFIG.a2p.tripPointEventControl.bits;
    const point = readBits(tripPointEventControl, parts.tripPointId);
    if (point >= config.tripPoints) return "INVALID_PARAMETERS";
    draft.set("sensor", sensorId, `trip${point}Mode`, readBits(tripPointEventControl, parts.mode));
    draft.set("sensor", sensorId, `trip${point}Value`, String(value));
    draft.set("sensor", sensorId, `trip${point}By`, caller);
    return "SUCCESS";
  },

  SENSOR_READING_GET: (context, { sensorId, flags }) => {
    const { board, draft, caller } = context;
    const refused = refusal(context, "sensor", sensorId);
    if (refused !== null) return refused;
    if ((flags & 1) === 1) return "INVALID_PARAMETERS";
    const config = present(context, sensorId);
    if (typeof config === "string") return config;
    if (!setupOf(board, draft, caller, sensorId).enabled) return "PROTOCOL_ERROR";
    return {
      readings: readingsOf(draft, config)
        .slice(0, 1)
        .map((value) => ({ value: BigInt(value), timestamp: 0n })),
    };
  },

  SENSOR_CONFIG_GET: (context, { sensorId }) => {
    const config = present(context, sensorId);
    if (typeof config === "string") return config;
    const setup = setupOf(context.board, context.draft, context.caller, sensorId);
    return { sensorConfig: composeWord(SENSOR_CONFIG_GET.p2a.sensorConfig, { ...setup }) };
  },

  SENSOR_CONFIG_SET: (context, { sensorId, sensorConfig }) => {
    const { board, draft, caller } = context;
    const refused = refusal(context, "sensor", sensorId, "SET");
    if (refused !== null) return refused;
    const config = present(context, sensorId);
    if (typeof config === "string") return config;
    const parts = SENSOR_CONFIG_SET.a2p.sensorConfig.bits;
    const enabled = readBits(sensorConfig, parts.enabled) === 1;
    const timestamps = readBits(sensorConfig, parts.timestamps) === 1;
    if (timestamps && config.timestamp === false) {
      if (board.switches.imxBugs) voteInVain(board, draft, caller, sensorId, enabled);
      return "NOT_SUPPORTED";
    }
    voteSensor(board, draft, caller, sensorId, { enabled, timestamps });
    return "SUCCESS";
  },
};

/** More than a message has room for. */
const DESCRIBED_MAX = 64;

/** What a sensor is; of one that is fused off nothing is told. */
function describe(sensorId: number, config: SensorConfig | undefined) {
  if (config === undefined) return { sensorId, attributesLow: 0, attributesHigh: 0, name: "" };
  const { tripPoints, timestamp, exponent, type, name } = config;
  const words = SENSOR_DESCRIPTION_GET.p2a.descriptors.item.fields;
  const attributesLow = composeWord(words.attributesLow, {
    tripPoints,
    timestamps: timestamp !== false,
    timestampExponent: timestamp === false ? 0 : timestamp,
  });
  return {
    sensorId,
    attributesLow,
    attributesHigh: composeWord(words.attributesHigh, { exponent, type }),
    name,
  };
}

function present(context: Context, sensorId: number): SensorConfig | "NOT_FOUND" {
  const config = context.board.resources.sensor.byId.get(sensorId);
  return config === undefined || isAbsent(context, "sensor", sensorId) ? "NOT_FOUND" : config;
}
