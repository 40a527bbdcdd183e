import type { Draft } from "../../draft.ts";
import type { BoardIndex } from "../../resources/board-index.ts";
import { type Instance, instanceOf, instancesOf } from "./instances.ts";

/**
 * Sensors: one is enabled for an instance while any of its agents votes for that, and reads for no other. Timestamps are the
 * sensor's, as it was set last.
 */

/** How a sensor is set up for an agent's instance. */
export interface SensorSetup {
  readonly enabled: boolean;
  readonly timestamps: boolean;
}

/** An agent votes for a sensor to be enabled or not, and sets its timestamps. */
export function voteSensor(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  sensorId: number,
  { enabled, timestamps }: SensorSetup,
): void {
  const instance = instanceOf(board, agentId);
  draft.set("sensorVote", sensorId, agentId, enabled || undefined);
  const isWanted = instance.agents.some((agent) => draft.get("sensorVote", sensorId, agent) === true);
  const had = draft.get("sensorVote", sensorId, "timestamps") === true;
  // One of the mistakes: timestamps that are on are never switched off.
  const has = timestamps || (board.switches.imxBugs && had);
  draft.set("sensorVote", sensorId, "timestamps", has || undefined);
  setEnabled(board, draft, sensorId, instance, isWanted);
}

/** Another of the mistakes: timestamps that a sensor does not have make it the opposite of what was asked, for the instance. */
export function voteInVain(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  sensorId: number,
  enabled: boolean,
): void {
  const instance = instanceOf(board, agentId);
  draft.set("sensorVote", sensorId, agentId, enabled || undefined);
  const isWanted = instance.agents.some((agent) => draft.get("sensorVote", sensorId, agent) === true);
  setEnabled(board, draft, sensorId, instance, !isWanted);
}

/** Withdraws an agent's votes, and the timestamps of the sensors that it voted for. */
export function releaseSensors(board: BoardIndex, draft: Draft, agentId: number): void {
  for (const { id } of board.config.sensors) {
    if (draft.get("sensorVote", id, agentId) !== true) continue;
    voteSensor(board, draft, agentId, id, { enabled: false, timestamps: false });
  }
}

/** How a sensor is set up as an agent sees it. */
export function setupOf(board: BoardIndex, draft: Draft, agentId: number, sensorId: number): SensorSetup {
  const instance = instanceOf(board, agentId);
  const enabled = draft.get("sensorVote", sensorId, columnOf(instance)) === true;
  return { enabled, timestamps: enabled && draft.get("sensorVote", sensorId, "timestamps") === true };
}

function setEnabled(
  board: BoardIndex,
  draft: Draft,
  sensorId: number,
  instance: Instance,
  enabled: boolean,
): void {
  draft.set("sensorVote", sensorId, columnOf(instance), enabled || undefined);
  if (!enabled) clearTripPoints(board, draft, sensorId, instance);
  const isEnabled = instancesOf(board).some((each) => draft.get("sensorVote", sensorId, columnOf(each)));
  draft.set("sensor", sensorId, "enabled", isEnabled);
}

/** An instance that does not want a sensor any more loses the trip points that it set. */
function clearTripPoints(board: BoardIndex, draft: Draft, sensorId: number, instance: Instance): void {
  const points = board.resources.sensor.byId.get(sensorId)?.tripPoints ?? 0;
  for (let point = 0; point < points; point += 1) {
    const by = draft.get("sensor", sensorId, `trip${point}By`);
    if (by === undefined || !instance.agents.includes(by)) continue;
    draft.set("sensor", sensorId, `trip${point}Mode`, undefined);
    draft.set("sensor", sensorId, `trip${point}Value`, undefined);
    draft.set("sensor", sensorId, `trip${point}By`, undefined);
  }
}

function columnOf({ index }: Instance): `instance${number}` {
  return `instance${index}`;
}
