import type { ExtendedAttributesConfig, SensorConfig } from "#config/board/board.ts";
import { encodeInterval, type UpdateInterval } from "#config/board/update-interval.ts";
import { type BitField, composeWord, readBits } from "#scmi/fields.ts";
import { widthOf } from "#scmi/layout.ts";
import type { Command } from "#scmi/protocol.ts";
import { INTERVAL_ROUNDING, SENSOR } from "#scmi/protocols/sensor.ts";
import type { ScmiStatus } from "#scmi/status.ts";
import { canDefer, defer } from "../p2a/pending.ts";
import { subscribe } from "../p2a/subscriptions.ts";
import type { BoardIndex } from "../resources/board-index.ts";
import { listPage } from "../resources/list-page.ts";
import { firstInterval, intervalFor, readingsOf } from "../resources/sensor-config.ts";
import { type Context, serve } from "../server-types.ts";
import {
  canNotify,
  commonHandlers,
  denial,
  extendedName,
  hasStrayBits,
  isLongName,
  isStrict,
  noSuchId,
} from "./common.ts";

const {
  PROTOCOL_ATTRIBUTES,
  SENSOR_DESCRIPTION_GET,
  SENSOR_TRIP_POINT_NOTIFY,
  SENSOR_TRIP_POINT_CONFIG,
  SENSOR_READING_GET,
  SENSOR_AXIS_DESCRIPTION_GET,
  SENSOR_LIST_UPDATE_INTERVALS,
  SENSOR_CONFIG_GET,
  SENSOR_CONFIG_SET,
  SENSOR_CONTINUOUS_UPDATE_NOTIFY,
  SENSOR_NAME_GET,
  SENSOR_AXIS_NAME_GET,
} = SENSOR.commands;

/**
 * Sensor management protocol. Checks go size, id, permission, flags, value; what only reads needs no permission. Readings are those
 * of the board file until somebody sets others, and timestamps are 0: the firmware has no clock.
 *
 * @see scmi-reference.md 4.6
 */
export const sensor = serve(
  SENSOR,
  {
    ...commonHandlers,

    PROTOCOL_ATTRIBUTES: (context) => {
      const { board } = context;
      const attributes = composeWord(PROTOCOL_ATTRIBUTES.p2a.attributes, {
        sensors: board.resources.sensor.count,
        maxPendingReadings: canDefer(context) ? board.switches.asyncPending : 0,
      });
      return { attributes, registersAddress: 0n, registersLen: 0 };
    },

    SENSOR_DESCRIPTION_GET: (context, { descIndex }) => {
      const sensors = described(context.board);
      if (descIndex >= sensors.length) return "INVALID_PARAMETERS";
      const mostThatFit = Math.ceil(context.board.switches.maxListPayload / DESCRIPTOR_BYTES);
      const room = sensors.slice(descIndex, descIndex + mostThatFit);
      const descriptors = room.map((config) => describe(context, config));
      const page = listPage(context, SENSOR_DESCRIPTION_GET, descriptors, 0);
      const numSensorFlags = composeWord(SENSOR_DESCRIPTION_GET.p2a.numSensorFlags, {
        returned: page.returned,
        remaining: sensors.length - descIndex - page.returned,
      });
      return { numSensorFlags, descriptors: page.items };
    },

    SENSOR_TRIP_POINT_NOTIFY: (context, { sensorId, sensorEventControl }) =>
      notify(
        context,
        SENSOR_TRIP_POINT_NOTIFY,
        sensorId,
        sensorEventControl,
        ({ tripPoints }) => tripPoints > 0,
      ),

    SENSOR_TRIP_POINT_CONFIG: (context, { sensorId, tripPointEventControl, value }) => {
      const { board, draft, caller } = context;
      const config = board.resources.sensor.byId.get(sensorId);
      if (config === undefined) return noSuchId(board);
      const denied = denial(context, "sensor", sensorId);
      if (denied !== null) return denied;
      const word = SENSOR_TRIP_POINT_CONFIG.a2p.tripPointEventControl;
      if (hasStrayBits(context, word, tripPointEventControl)) return "INVALID_PARAMETERS";
      const point = readBits(tripPointEventControl, word.bits.tripPointId);
      if (point >= config.tripPoints) return "INVALID_PARAMETERS";
      draft.set("sensor", sensorId, `trip${point}Mode`, readBits(tripPointEventControl, word.bits.mode));
      draft.set("sensor", sensorId, `trip${point}Value`, String(value));
      draft.set("sensor", sensorId, `trip${point}By`, caller);
      return "SUCCESS";
    },

    SENSOR_READING_GET: (context, { sensorId, flags }) => {
      const { board, draft } = context;
      const config = board.resources.sensor.byId.get(sensorId);
      if (config === undefined) return noSuchId(board);
      if (hasStrayBits(context, SENSOR_READING_GET.a2p.flags, flags)) return "INVALID_PARAMETERS";
      const isAsync = readBits(flags, SENSOR_READING_GET.a2p.flags.bits.async) === 1;
      const isDeferred = isAsync && canDefer(context, config);
      if (isAsync && !isDeferred && isStrict(context)) return "NOT_SUPPORTED";
      if (draft.get("sensor", sensorId, "enabled") !== true) return "PROTOCOL_ERROR";
      const taken = isDeferred ? defer(context) : null;
      return taken ?? { readings: readings(context, config) };
    },

    SENSOR_AXIS_DESCRIPTION_GET: (context, { sensorId, axisDescIndex }) => {
      const { board } = context;
      const config = board.resources.sensor.byId.get(sensorId);
      if (config === undefined) return noSuchId(board);
      const refusal = refuseAxis(config, axisDescIndex);
      if (refusal !== null) return refusal;
      const axes = config.axes.map((axis, axisId) => ({ axisId, ...describeAxis(context, axis) }));
      const page = listPage(context, SENSOR_AXIS_DESCRIPTION_GET, axes, axisDescIndex);
      const numAxisFlags = composeWord(SENSOR_AXIS_DESCRIPTION_GET.p2a.numAxisFlags, counts(page));
      return { numAxisFlags, descriptors: page.items };
    },

    SENSOR_LIST_UPDATE_INTERVALS: (context, { sensorId, index }) => {
      const { board } = context;
      const config = board.resources.sensor.byId.get(sensorId);
      if (config === undefined) return noSuchId(board);
      const { updateIntervals, updateIntervalRange: range } = config;
      const word = SENSOR_LIST_UPDATE_INTERVALS.p2a.intervalsFlags;
      if (range !== null) {
        if (index !== 0) return "INVALID_PARAMETERS";
        const intervals = [range.min, range.max, range.step].map(intervalWord);
        return { intervalsFlags: composeWord(word, { returned: 3, triplet: true }), intervals };
      }
      // A sensor without intervals has an empty list.
      if (index > 0 && index >= updateIntervals.length) return "INVALID_PARAMETERS";
      const intervals = updateIntervals.map(intervalWord);
      const page = listPage(context, SENSOR_LIST_UPDATE_INTERVALS, intervals, index);
      return { intervalsFlags: composeWord(word, counts(page)), intervals: page.items };
    },

    SENSOR_CONFIG_GET: ({ board, draft }, { sensorId }) => {
      if (!board.resources.sensor.byId.has(sensorId)) return noSuchId(board);
      const intervalUs = draft.get("sensor", sensorId, "intervalUs") ?? 0;
      const sensorConfig = composeWord(SENSOR_CONFIG_GET.p2a.sensorConfig, {
        ...writtenInterval(intervalUs),
        timestamps: draft.get("sensor", sensorId, "timestamps") ?? false,
        enabled: draft.get("sensor", sensorId, "enabled") ?? false,
      });
      return { sensorConfig };
    },

    SENSOR_CONFIG_SET: (context, { sensorId, sensorConfig }) => {
      const { board, draft, caller } = context;
      const config = board.resources.sensor.byId.get(sensorId);
      if (config === undefined) return noSuchId(board);
      const denied = denial(context, "sensor", sensorId);
      if (denied !== null) return denied;
      const word = SENSOR_CONFIG_SET.a2p.sensorConfig;
      if (hasStrayBits(context, word, sensorConfig)) return "INVALID_PARAMETERS";
      const isRounding = readBits(sensorConfig, word.bits.rounding) <= INTERVAL_ROUNDING.PLATFORM;
      if (!isRounding && isStrict(context)) return "INVALID_PARAMETERS";
      const asks = (part: BitField) => readBits(sensorConfig, part) !== 0;
      if (asks(word.bits.timestamps) && config.timestamp === false) return "NOT_SUPPORTED";
      if (asks(word.bits.seconds) && !hasIntervals(config)) return "NOT_SUPPORTED";
      const kept = draft.get("sensor", sensorId, "intervalUs") ?? 0;
      const intervalUs = intervalFor(config, kept, sensorConfig);
      if (intervalUs === null) return "INVALID_PARAMETERS";
      draft.set("sensor", sensorId, "enabled", asks(word.bits.enabled));
      draft.set("sensor", sensorId, "timestamps", asks(word.bits.timestamps));
      draft.set("sensor", sensorId, "intervalUs", intervalUs);
      draft.set("sensor", sensorId, "configBy", caller);
      return "SUCCESS";
    },

    SENSOR_CONTINUOUS_UPDATE_NOTIFY: (context, { sensorId, sensorEventControl }) =>
      notify(
        context,
        SENSOR_CONTINUOUS_UPDATE_NOTIFY,
        sensorId,
        sensorEventControl,
        ({ continuous }) => continuous,
      ),

    SENSOR_NAME_GET: (context, { sensorId }) => extendedName(context, "sensor", sensorId),

    SENSOR_AXIS_NAME_GET: (context, { sensorId, axisDescIndex }) => {
      const { board } = context;
      const config = board.resources.sensor.byId.get(sensorId);
      if (config === undefined) return noSuchId(board);
      const refusal = refuseAxis(config, axisDescIndex);
      if (refusal !== null) return refusal;
      const names = config.axes.map(({ name }, axisId) => ({ axisId, name }));
      const page = listPage(context, SENSOR_AXIS_NAME_GET, names, axisDescIndex);
      const numAxisFlags = composeWord(SENSOR_AXIS_NAME_GET.p2a.numAxisFlags, counts(page));
      return { numAxisFlags, names: page.items };
    },
  },
  {
    SENSOR_READING_GET: (_context, { sensorId }, result) => ({
      sensorId,
      readings: typeof result === "object" && result !== null ? result.readings : [],
    }),
  },
);

const DESCRIBED = new WeakMap<BoardIndex, readonly SensorConfig[]>();

/** The sensors of a board in the order in which they are described, which is that of their ids. */
function described(board: BoardIndex): readonly SensorConfig[] {
  const known = DESCRIBED.get(board);
  if (known !== undefined) return known;
  const made = [...board.resources.sensor.byId.values()].sort((a, b) => a.id - b.id);
  DESCRIBED.set(board, made);
  return made;
}

/** Of a descriptor without extended attributes. */
const DESCRIPTOR_BYTES = widthOf(SENSOR_DESCRIPTION_GET.p2a.descriptors.item);
const DESCRIPTOR = SENSOR_DESCRIPTION_GET.p2a.descriptors.item.fields;
const AXIS = SENSOR_AXIS_DESCRIPTION_GET.p2a.descriptors.item.fields;

/** A sensor's descriptor. Version 1.0 has an update interval in it, and nothing of axes, timestamps and extended attributes. */
function describe(context: Context, config: SensorConfig) {
  const { spoken } = context;
  const { id, name, type, exponent, tripPoints, timestamp, axes, extended } = config;
  const isNew = spoken.layout >= 0x2_0000;
  return {
    sensorId: id,
    attributesLow: composeWord(DESCRIPTOR.attributesLow, {
      asyncReading: canDefer(context, config),
      continuousNotifications: config.continuous && canNotify(context, SENSOR_CONTINUOUS_UPDATE_NOTIFY),
      extendedName: isLongName(name) && spoken.has(SENSOR_NAME_GET.id),
      ...(isNew && timestamp !== false ? { timestamps: true, timestampExponent: timestamp } : {}),
      extended: isNew && extended !== null,
      tripPoints,
    }),
    attributesHigh: composeWord(DESCRIPTOR.attributesHigh, {
      ...(isNew ? { axes: axes.length, axisSupport: axes.length > 0 } : shortInterval(firstInterval(config))),
      exponent,
      type,
    }),
    name,
    power: extended?.powerUw,
    ...describeExtended(extended),
  };
}

function describeAxis({ spoken }: Context, { name, type, exponent, extended }: SensorConfig["axes"][number]) {
  return {
    attributesLow: composeWord(AXIS.attributesLow, {
      extendedName: isLongName(name) && spoken.has(SENSOR_AXIS_NAME_GET.id),
      extended: extended !== null,
    }),
    attributesHigh: composeWord(AXIS.attributesHigh, { exponent, type }),
    name,
    ...describeExtended(extended),
  };
}

function describeExtended(extended: ExtendedAttributesConfig | null) {
  return {
    resolution:
      extended === null
        ? undefined
        : composeWord(AXIS.resolution, { value: extended.resolution, exponent: extended.resolutionExponent }),
    minRange: extended === null ? undefined : BigInt(extended.min),
    maxRange: extended === null ? undefined : BigInt(extended.max),
  };
}

/** A sensor's own reading, or one for each axis; version 1.0 knows no axes, and has the first. */
function readings({ spoken, draft }: Context, config: SensorConfig) {
  const all = readingsOf(draft, config);
  const values = spoken.layout >= 0x2_0000 ? all : all.slice(0, 1);
  return values.map((value) => ({ value: BigInt(value), timestamp: 0n }));
}

function refuseAxis({ axes }: SensorConfig, index: number): ScmiStatus | null {
  if (axes.length === 0) return "NOT_SUPPORTED";
  return index >= axes.length ? "INVALID_PARAMETERS" : null;
}

/** The two counts of a page, without its items. */
function counts({ returned, remaining }: { readonly returned: number; readonly remaining: number }) {
  return { returned, remaining };
}

function hasIntervals({ updateIntervals, updateIntervalRange }: SensorConfig): boolean {
  return updateIntervals.length > 0 || updateIntervalRange !== null;
}

const INTERVAL = SENSOR_LIST_UPDATE_INTERVALS.p2a.intervals.item;

function intervalWord(intervalUs: number): number {
  return composeWord(INTERVAL, { ...writtenInterval(intervalUs) });
}

/** An interval as descriptors of version 1.0 have it, in five bits: only its first digits. */
function shortInterval(intervalUs: number): { updateInterval: number; updateIntervalExponent: number } {
  let { seconds, exponent } = writtenInterval(intervalUs);
  for (; seconds > 31; exponent += 1) seconds = Math.floor(seconds / 10);
  return { updateInterval: seconds, updateIntervalExponent: exponent };
}

/** An interval as SCMI writes it; one of a range can have more digits than there is room for, and loses the last. */
function writtenInterval(intervalUs: number): UpdateInterval {
  let lost = 1;
  let written = encodeInterval(intervalUs);
  while (written === null) {
    lost *= 10;
    written = encodeInterval(Math.floor(intervalUs / lost) * lost);
  }
  return written;
}

/** Keeps the caller's wish to be told of something that a sensor must be able to tell. */
function notify(
  context: Context,
  command: Command & { readonly a2p: typeof SENSOR_TRIP_POINT_NOTIFY.a2p },
  sensorId: number,
  word: number,
  canTell: (config: SensorConfig) => boolean,
): ScmiStatus {
  const { board, draft, caller } = context;
  const config = board.resources.sensor.byId.get(sensorId);
  if (config === undefined) return noSuchId(board);
  const denied = denial(context, "sensor", sensorId);
  if (denied !== null) return denied;
  if (hasStrayBits(context, command.a2p.sensorEventControl, word)) return "INVALID_PARAMETERS";
  if (!board.switches.notifications || !canTell(config)) return "NOT_SUPPORTED";
  subscribe(draft, caller, command, sensorId, (word & 1) === 1);
  return "SUCCESS";
}
