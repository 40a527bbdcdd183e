import {
  bit,
  bits,
  from,
  i32,
  i64,
  list,
  name16,
  name64,
  record,
  signedBits,
  u32,
  u64,
  when,
  word,
} from "../fields.ts";
import { protocol } from "../protocol.ts";
import { COMMON, extendedName } from "./common.ts";
import { SENSOR_TYPES } from "./sensor-types.ts";

/** When a trip point tells. */
export const TRIP_POINT_MODES = { OFF: 0, RISING: 1, FALLING: 2, BOTH: 3 } as const;

/** Which of the intervals that a sensor has is to be taken for one that it does not have. */
export const INTERVAL_ROUNDING = { DOWN: 0, UP: 1, PLATFORM: 2 } as const;

const sensorEventControl = word({ bits: { enable: bit(0, "send notifications") } });
const scale = signedBits(15, 11, "power of ten by which a reading is to be multiplied");
const type = bits(7, 0, "what it measures", SENSOR_TYPES);
const resolution = word({
  bits: {
    exponent: signedBits(31, 27, "power of ten by which the value is to be multiplied"),
    value: bits(26, 0, "smallest difference that it can tell"),
  },
});

const interval = {
  seconds: bits(31, 16, "update interval"),
  exponent: signedBits(15, 11, "power of ten by which the interval is to be multiplied, to be in seconds"),
} as const;

/** A reading; sensors with axes have one for each. */
const readings = list(record({ value: i64, timestamp: from(0x2_0000, u64) }));

/** The counts of the commands about axes. */
const numAxisFlags = word({
  bits: {
    remaining: bits(31, 26, "axes after these"),
    returned: bits(5, 0, "axes in this message"),
  },
});

/** The counts of the other lists. */
const counts = {
  remaining: bits(31, 16, "after these"),
  returned: bits(11, 0, "in this message"),
} as const;

/**
 * Sensor management protocol.
 *
 * @see Arm DEN0056, "Sensor management protocol"
 */
export const SENSOR = protocol({
  name: "sensor",
  protocolId: 0x15,
  version: 0x3_0001,
  doc: "Reading sensors, and being told when they pass a point.",
  commands: {
    PROTOCOL_VERSION: COMMON.PROTOCOL_VERSION,
    PROTOCOL_ATTRIBUTES: {
      id: 0x1,
      since: "1.0",
      doc: "How many sensors there are, how many readings may be under way at a time, and where sensor registers lie.",
      a2p: {},
      p2a: {
        status: i32,
        attributes: word({
          bits: {
            maxPendingReadings: bits(23, 16, "asynchronous readings at a time"),
            sensors: bits(15, 0, "number of sensors"),
          },
        }),
        registersAddress: u64,
        registersLen: word({ unit: "bytes", doc: "0: there are none" }),
      },
    },
    PROTOCOL_MESSAGE_ATTRIBUTES: COMMON.PROTOCOL_MESSAGE_ATTRIBUTES,
    SENSOR_DESCRIPTION_GET: {
      id: 0x3,
      since: "1.0",
      doc: "What the sensors are, from number `descIndex` on.",
      a2p: { descIndex: u32 },
      p2a: {
        status: i32,
        numSensorFlags: word({ bits: counts }),
        descriptors: list(
          record({
            sensorId: u32,
            attributesLow: word({
              bits: {
                asyncReading: bit(31, "can be read asynchronously"),
                continuousNotifications: bit(30, "can tell of every update"),
                extendedName: bit(29, "SENSOR_NAME_GET has a longer name"),
                timestampExponent: signedBits(14, 10, "power of ten of the timestamps' unit in seconds"),
                timestamps: bit(9, "readings have timestamps"),
                extended: bit(8, "has extended attributes"),
                tripPoints: bits(7, 0, "number of trip points"),
              },
            }),
            attributesHigh: word({
              bits: {
                updateInterval: bits(31, 27, "update interval; in version 1.0 only"),
                updateIntervalExponent: signedBits(26, 22, "power of ten of that; in version 1.0 only"),
                axes: bits(21, 16, "number of axes; from version 2.0 on"),
                exponent: scale,
                axisSupport: bit(8, "has axes; from version 2.0 on"),
                type,
              },
            }),
            name: name16,
            power: when("attributesLow.extended", word({ unit: "µW" })),
            resolution: when("attributesLow.extended", resolution),
            minRange: when("attributesLow.extended", i64),
            maxRange: when("attributesLow.extended", i64),
          }),
        ),
      },
      iteration: {
        index: "descIndex",
        returned: "numSensorFlags.returned",
        remaining: "numSensorFlags.remaining",
        list: "descriptors",
      },
    },
    SENSOR_TRIP_POINT_NOTIFY: {
      id: 0x4,
      since: "1.0",
      doc: "Asks for notifications of a sensor's passing of its trip points.",
      a2p: { sensorId: u32, sensorEventControl },
      p2a: { status: i32 },
    },
    SENSOR_TRIP_POINT_CONFIG: {
      id: 0x5,
      since: "1.0",
      doc: "Sets a trip point of a sensor.",
      a2p: {
        sensorId: u32,
        tripPointEventControl: word({
          bits: {
            tripPointId: bits(11, 4, "number of the trip point"),
            mode: bits(1, 0, "when it tells", TRIP_POINT_MODES),
          },
        }),
        value: i64,
      },
      p2a: { status: i32 },
    },
    SENSOR_READING_GET: {
      id: 0x6,
      since: "1.0",
      doc: "The reading of a sensor, or of each of its axes.",
      a2p: { sensorId: u32, flags: word({ bits: { async: bit(0, "answer before it is done") } }) },
      p2a: { status: i32, readings },
    },
    SENSOR_AXIS_DESCRIPTION_GET: {
      id: 0x7,
      since: "3.0",
      from: 0x2_0000,
      doc: "What the axes of a sensor are, from number `axisDescIndex` on.",
      a2p: { sensorId: u32, axisDescIndex: u32 },
      p2a: {
        status: i32,
        numAxisFlags,
        descriptors: list(
          record({
            axisId: u32,
            attributesLow: word({
              bits: {
                extendedName: bit(9, "SENSOR_AXIS_NAME_GET has a longer name"),
                extended: bit(8, "has extended attributes"),
              },
            }),
            attributesHigh: word({ bits: { exponent: scale, type } }),
            name: name16,
            resolution: when("attributesLow.extended", resolution),
            minRange: when("attributesLow.extended", i64),
            maxRange: when("attributesLow.extended", i64),
          }),
        ),
      },
      iteration: {
        index: "axisDescIndex",
        returned: "numAxisFlags.returned",
        remaining: "numAxisFlags.remaining",
        list: "descriptors",
      },
    },
    SENSOR_LIST_UPDATE_INTERVALS: {
      id: 0x8,
      since: "3.0",
      from: 0x2_0000,
      doc: "The update intervals that a sensor can have, from number `index` on; or shortest, longest and step.",
      a2p: { sensorId: u32, index: u32 },
      p2a: {
        status: i32,
        intervalsFlags: word({
          bits: { ...counts, triplet: bit(12, "the intervals are shortest, longest and step") },
        }),
        intervals: list(word({ bits: interval })),
      },
      iteration: {
        index: "index",
        returned: "intervalsFlags.returned",
        remaining: "intervalsFlags.remaining",
        list: "intervals",
      },
    },
    SENSOR_CONFIG_GET: {
      id: 0x9,
      since: "3.0",
      from: 0x2_0000,
      doc: "How a sensor is set up.",
      a2p: { sensorId: u32 },
      p2a: {
        status: i32,
        sensorConfig: word({
          bits: {
            ...interval,
            timestamps: bit(1, "readings have timestamps"),
            enabled: bit(0, "it is enabled"),
          },
        }),
      },
    },
    SENSOR_CONFIG_SET: {
      id: 0xa,
      since: "3.0",
      from: 0x2_0000,
      doc: "Sets a sensor up.",
      a2p: {
        sensorId: u32,
        sensorConfig: word({
          bits: {
            ...interval,
            rounding: bits(10, 9, "of an interval that the sensor cannot have", INTERVAL_ROUNDING),
            timestamps: bit(1, "give readings timestamps"),
            enabled: bit(0, "enable it"),
          },
        }),
      },
      p2a: { status: i32 },
    },
    SENSOR_CONTINUOUS_UPDATE_NOTIFY: {
      id: 0xb,
      since: "3.0",
      from: 0x2_0000,
      doc: "Asks for notifications of every update of a sensor.",
      a2p: { sensorId: u32, sensorEventControl },
      p2a: { status: i32 },
    },
    SENSOR_NAME_GET: {
      id: 0xc,
      since: "3.1",
      from: 0x3_0000,
      doc: "The long name of a sensor.",
      a2p: { sensorId: u32 },
      p2a: extendedName,
    },
    SENSOR_AXIS_NAME_GET: {
      id: 0xd,
      since: "3.1",
      from: 0x3_0000,
      doc: "The long names of a sensor's axes, from number `axisDescIndex` on.",
      a2p: { sensorId: u32, axisDescIndex: u32 },
      p2a: { status: i32, numAxisFlags, names: list(record({ axisId: u32, name: name64 })) },
      iteration: {
        index: "axisDescIndex",
        returned: "numAxisFlags.returned",
        remaining: "numAxisFlags.remaining",
        list: "names",
      },
    },
    NEGOTIATE_PROTOCOL_VERSION: COMMON.NEGOTIATE_PROTOCOL_VERSION,
  },
  sent: {
    SENSOR_READING_COMPLETE: {
      kind: "delayed",
      id: 0x6,
      since: "1.0",
      doc: "An asynchronous reading is done.",
      p2a: { status: i32, sensorId: u32, readings },
    },
    SENSOR_TRIP_POINT_EVENT: {
      kind: "notification",
      id: 0x0,
      since: "1.0",
      doc: "A sensor passed a trip point.",
      p2a: {
        agentId: u32,
        sensorId: u32,
        tripPointDesc: word({
          bits: {
            rising: bit(16, "from below, not from above"),
            tripPointId: bits(7, 0, "number of the trip point"),
          },
        }),
      },
    },
    SENSOR_UPDATE: {
      kind: "notification",
      id: 0x1,
      since: "3.0",
      doc: "A sensor has a new reading.",
      p2a: { agentId: u32, sensorId: u32, readings },
    },
  },
});
