import type { z } from "zod";
import type { SensorConfig } from "./board.ts";
import {
  absent,
  asciiName,
  async,
  field,
  flag,
  foundInstead,
  left,
  leftNull,
  list,
  record,
  resourceId,
  whole,
} from "./fields.ts";
import { encodeInterval } from "./update-interval.ts";

/** An axis count has 6 bits, a resolution 27, and power words 32. */
const AXES_MAX = 63;
const RESOLUTION_MAX = 0x7ff_ffff;
const U32_MAX = 0xffff_ffff;

const exponent = () => whole(-16, 15);
/** SCMI has 64 bits for it, the board file those that a number keeps exactly. */
const reading = () => whole(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
const sensorType = () => whole(0, 255);

const interval = () =>
  field("an interval in µs: a whole number from 1 to 65535, with any zeros behind it", (value) =>
    typeof value === "number" && Number.isSafeInteger(value) && value > 0 && encodeInterval(value) !== null
      ? value
      : undefined,
  );

const ExtendedSchema = record({
  powerUw: left(whole(0, U32_MAX), 0).describe("Power that it draws, µW."),
  resolution: left(whole(0, RESOLUTION_MAX), 0).describe("Smallest difference that it can tell."),
  resolutionExponent: left(exponent(), 0).describe("Power of ten by which that is to be multiplied."),
  min: reading().describe("Lowest reading."),
  max: reading().describe("Highest reading."),
});

const AxisSchema = record({
  name: asciiName().describe("Name."),
  type: sensorType().describe("SCMI's number of what it measures, e.g. 2 for degrees Celsius."),
  exponent: left(exponent(), 0).describe("Power of ten by which a reading is to be multiplied."),
  reading: left(reading(), 0).describe("Its reading."),
  extended: leftNull(ExtendedSchema, "none").describe("Extended attributes; an axis has no power."),
});

const RangeSchema = record({
  min: interval().describe("Shortest interval, µs."),
  max: interval().describe("Longest interval, µs."),
  step: interval().describe("Distance of two intervals, µs."),
});

/** The fields of a sensor as they are written. */
const SensorFields = record({
  id: resourceId().describe("Sensor id."),
  name: asciiName().describe("Name."),
  type: sensorType().describe("SCMI's number of what it measures, e.g. 2 for degrees Celsius."),
  exponent: left(exponent(), 0).describe("Power of ten by which a reading is to be multiplied."),
  reading: left(reading(), 0).describe("Its reading, where it has no axes."),
  extended: leftNull(ExtendedSchema, "none").describe("Extended attributes."),
  tripPoints: left(whole(0, 255), 0).describe("Number of trip points."),
  timestamp: left(field("false, or an exponent from -16 to 15", toTimestamp), false).describe(
    "Power of ten of the unit of its timestamps in seconds, or false: it has none.",
  ),
  axes: left(list(AxisSchema, "axes"), []).describe("Axes, each with a reading of its own."),
  updateIntervals: left(list(interval(), "intervals in µs"), []).describe(
    "Update intervals that can be chosen, ascending, µs; the first is the one at power-on.",
  ),
  updateIntervalRange: leftNull(RangeSchema, "none").describe(
    "Update intervals that can be chosen, instead of `updateIntervals`.",
  ),
  enabled: leftNull(flag(), "as the profile has it").describe("Whether it is enabled at power-on."),
  continuous: left(flag(), false).describe("Whether it can tell of every update."),
  async: async(),
  absent: absent(),
});

function toTimestamp(value: unknown): number | false | undefined {
  if (value === false || (typeof value === "string" && value.toLowerCase() === "off")) return false;
  return typeof value === "number" && Number.isInteger(value) && value >= -16 && value <= 15
    ? value
    : undefined;
}

/** A sensor of the board file, with what was left out. */
export const SensorSchema = SensorFields.transform((sensor, ctx): SensorConfig => {
  for (const refusal of refuseSensor(sensor)) ctx.issues.push({ code: "custom", input: sensor, ...refusal });
  return sensor;
});

/** What is wrong with one field of a sensor in the light of another. */
function refuseSensor(
  sensor: z.output<typeof SensorFields>,
): { path: (string | number)[]; message: string }[] {
  const { axes, updateIntervals, updateIntervalRange: range } = sensor;
  const issues: { path: (string | number)[]; message: string }[] = [];
  if (axes.length > AXES_MAX) {
    issues.push({ path: ["axes"], message: foundInstead(axes, `at most ${AXES_MAX} axes`) });
  }
  if (updateIntervals.length > 0 && range !== null) {
    const message = "found both updateIntervals and updateIntervalRange, allowed is one of them";
    issues.push({ path: ["updateIntervalRange"], message });
  }
  const unordered = updateIntervals.findIndex(
    (value, i) => i > 0 && value <= (updateIntervals[i - 1] as number),
  );
  if (unordered > 0) {
    const allowed = `more than the interval before it (${updateIntervals[unordered - 1]})`;
    issues.push({
      path: ["updateIntervals", unordered],
      message: foundInstead(updateIntervals[unordered], allowed),
    });
  }
  if (range !== null && range.max < range.min) {
    issues.push({
      path: ["updateIntervalRange", "max"],
      message: foundInstead(range.max, `min (${range.min}) or more`),
    });
  }
  const measured = [{ extended: sensor.extended, path: [] as (string | number)[] }].concat(
    axes.map(({ extended }, i) => ({ extended, path: ["axes", i] })),
  );
  for (const { extended, path } of measured) {
    if (extended === null || extended.min <= extended.max) continue;
    const message = foundInstead(extended.max, `min (${extended.min}) or more`);
    issues.push({ path: [...path, "extended", "max"], message });
  }
  return issues;
}
