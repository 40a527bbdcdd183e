import type { SensorConfig } from "#config/board/board.ts";
import { readBits } from "#scmi/fields.ts";
import { INTERVAL_ROUNDING, SENSOR } from "#scmi/protocols/sensor.ts";
import type { Draft } from "../draft.ts";
import type { SensorCells } from "../state.ts";
import type { BoardIndex } from "./board-index.ts";

/** State of every sensor at power-on. */
export function sensorsAtPowerOn(board: BoardIndex): Map<number, SensorCells> {
  return new Map(board.config.sensors.map((sensor) => [sensor.id, configAtPowerOn(board, sensor)]));
}

/** How a sensor is set up at power-on. */
function configAtPowerOn({ switches }: BoardIndex, sensor: SensorConfig) {
  return {
    enabled: sensor.enabled ?? switches.sensorsEnabled,
    timestamps: false,
    intervalUs: firstInterval(sensor),
  };
}

/** The update interval that a sensor has at power-on, µs; 0: it has none. */
export function firstInterval({ updateIntervals, updateIntervalRange }: SensorConfig): number {
  return updateIntervals[0] ?? updateIntervalRange?.min ?? 0;
}

/** A sensor's readings now: one for each axis, or its own. */
export function readingsOf(draft: Draft, { id, reading, axes }: SensorConfig): number[] {
  const listed = axes.length === 0 ? [reading] : axes.map((axis) => axis.reading);
  return listed.map((value, axis) => draft.get("sensor", id, `reading${axis}`) ?? value);
}

/** Takes back how an agent set sensors and trip points up, where it was the last to do so. */
export function resetSensors(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const id of draft.rows("sensor")) {
    const sensor = board.resources.sensor.byId.get(id);
    if (sensor === undefined) continue;
    if (draft.get("sensor", id, "configBy") === agentId) {
      const { enabled, timestamps, intervalUs } = configAtPowerOn(board, sensor);
      draft.set("sensor", id, "enabled", enabled);
      draft.set("sensor", id, "timestamps", timestamps);
      draft.set("sensor", id, "intervalUs", intervalUs);
      draft.set("sensor", id, "configBy", undefined);
    }
    for (let point = 0; point < sensor.tripPoints; point += 1) {
      if (draft.get("sensor", id, `trip${point}By`) !== agentId) continue;
      draft.set("sensor", id, `trip${point}Mode`, undefined);
      draft.set("sensor", id, `trip${point}Value`, undefined);
      draft.set("sensor", id, `trip${point}By`, undefined);
    }
  }
}

const CONFIG = SENSOR.commands.SENSOR_CONFIG_SET.a2p.sensorConfig.bits;

/** Exponents go down to -16, and an interval in µs is a power of -6: so many zeros make both whole numbers. */
const FRACTION = 10;

/**
 * The interval in µs that SENSOR_CONFIG_SET's word asks for, rounded to one that the sensor has. 0 asks for none: the sensor keeps
 * its own.
 *
 * @returns null where there is none that it could be rounded to, or no such rounding
 */
export function intervalFor(
  { updateIntervals, updateIntervalRange: range }: SensorConfig,
  keptUs: number,
  word: number,
): number | null {
  const seconds = readBits(word, CONFIG.seconds);
  if (seconds === 0) return keptUs;
  const wanted = BigInt(seconds) * 10n ** BigInt(readBits(word, CONFIG.exponent) + 6 + FRACTION);
  const below = range === null ? lastOf(updateIntervals, wanted) : lastStep(range, wanted);
  const above = range === null ? firstOf(updateIntervals, wanted) : firstStep(range, wanted);
  switch (readBits(word, CONFIG.rounding)) {
    case INTERVAL_ROUNDING.DOWN:
      return below;
    case INTERVAL_ROUNDING.UP:
      return above;
    case INTERVAL_ROUNDING.PLATFORM:
      if (below === null || above === null) return below ?? above;
      return wanted - scaled(below) <= scaled(above) - wanted ? below : above;
    default:
      return null;
  }
}

function scaled(intervalUs: number): bigint {
  return BigInt(intervalUs) * 10n ** BigInt(FRACTION);
}

function lastOf(intervals: readonly number[], wanted: bigint): number | null {
  return intervals.findLast((interval) => scaled(interval) <= wanted) ?? null;
}

function firstOf(intervals: readonly number[], wanted: bigint): number | null {
  return intervals.find((interval) => scaled(interval) >= wanted) ?? null;
}

type Range = NonNullable<SensorConfig["updateIntervalRange"]>;

function lastStep({ min, max, step }: Range, wanted: bigint): number | null {
  if (wanted < scaled(min)) return null;
  const steps = Math.min(Number((wanted - scaled(min)) / scaled(step)), Math.floor((max - min) / step));
  return min + steps * step;
}

function firstStep(range: Range, wanted: bigint): number | null {
  const { min, max, step } = range;
  const below = lastStep(range, wanted);
  if (below === null) return min;
  if (scaled(below) === wanted) return below;
  return below + step > max ? null : below + step;
}
