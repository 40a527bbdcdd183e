import type { FirmwareConfig, SensorConfig } from "#config/board/board.ts";
import type { SentByFirmware } from "#events/types.ts";
import { composeWord } from "#scmi/fields.ts";
import { SENSOR, TRIP_POINT_MODES } from "#scmi/protocols/sensor.ts";
import { Draft } from "../draft.ts";
import { indexOf } from "../resources/board-index.ts";
import { readingsOf } from "../resources/sensor-config.ts";
import type { FirmwareMemory } from "../ring.ts";
import type { Effect, FirmwareState } from "../state.ts";
import { type Notifier, raise } from "./notifications.ts";
import { Outbox } from "./outbox.ts";

const { SENSOR_TRIP_POINT_NOTIFY, SENSOR_CONTINUOUS_UPDATE_NOTIFY } = SENSOR.commands;
const { SENSOR_TRIP_POINT_EVENT, SENSOR_UPDATE } = SENSOR.sent;

/** What a new reading came to. */
export interface Measurement {
  readonly effects: readonly Effect[];
  readonly sent: readonly SentByFirmware[];
}

/**
 * A sensor has a new reading: trip points that it passed tell, and then who wants every update is told. A sensor that is not
 * enabled is read by nobody, the firmware included, and tells nothing.
 *
 * @param readings one for each axis, or the sensor's own
 * @param memory scratch memory
 */
export function measure(
  config: FirmwareConfig,
  state: FirmwareState,
  memory: FirmwareMemory,
  sensor: SensorConfig,
  readings: readonly number[],
): Measurement {
  const board = indexOf(config);
  const draft = new Draft(state);
  const outbox = new Outbox(board, draft, memory);
  const [before = 0] = readingsOf(draft, sensor);
  const known = sensor.axes.length === 0 ? [sensor.reading] : sensor.axes.map(({ reading }) => reading);
  for (const [axis, reading] of readings.entries()) {
    draft.set("sensor", sensor.id, `reading${axis}`, reading === known[axis] ? undefined : reading);
  }
  if (draft.get("sensor", sensor.id, "enabled") === true) {
    const notifier = { board, draft, outbox };
    tellTripPoints(notifier, sensor, before, readings[0] ?? 0);
    tellUpdate(notifier, sensor);
  }
  return { effects: draft.effects(), sent: outbox.sent };
}

/** Trip points watch the sensor's own reading, or that of its first axis. One is passed where the reading comes to it or beyond. */
function tellTripPoints(notifier: Notifier, sensor: SensorConfig, before: number, after: number): void {
  for (let point = 0; point < sensor.tripPoints; point += 1) {
    const mode = notifier.draft.get("sensor", sensor.id, `trip${point}Mode`) ?? TRIP_POINT_MODES.OFF;
    const value = BigInt(notifier.draft.get("sensor", sensor.id, `trip${point}Value`) ?? 0);
    const isRising = BigInt(before) < value && BigInt(after) >= value;
    const isFalling = BigInt(before) > value && BigInt(after) <= value;
    const isWatched =
      mode === TRIP_POINT_MODES.BOTH ||
      mode === (isRising ? TRIP_POINT_MODES.RISING : TRIP_POINT_MODES.FALLING);
    if (!isWatched || (!isRising && !isFalling)) continue;
    const parts = { rising: isRising, tripPointId: point };
    raise(notifier, SENSOR_TRIP_POINT_NOTIFY, SENSOR_TRIP_POINT_EVENT, sensor.id, {
      agentId: PLATFORM,
      sensorId: sensor.id,
      tripPointDesc: composeWord(SENSOR_TRIP_POINT_EVENT.p2a.tripPointDesc, parts),
    });
  }
}

function tellUpdate(notifier: Notifier, sensor: SensorConfig): void {
  if (!sensor.continuous) return;
  const readings = readingsOf(notifier.draft, sensor).map((value) => ({
    value: BigInt(value),
    timestamp: 0n,
  }));
  raise(notifier, SENSOR_CONTINUOUS_UPDATE_NOTIFY, SENSOR_UPDATE, sensor.id, {
    agentId: PLATFORM,
    sensorId: sensor.id,
    readings,
  });
}

/** The platform, in notifications of what no agent did. */
const PLATFORM = 0;
