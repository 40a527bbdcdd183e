import type { FirmwareConfig, HostDescription, SensorConfig } from "#config/board/board.ts";
import { twoGuests } from "./two-guests.ts";

const SENSOR: SensorConfig = {
  id: 0,
  name: "soc",
  type: 2,
  exponent: 0,
  reading: 20,
  extended: null,
  tripPoints: 2,
  timestamp: false,
  axes: [],
  updateIntervals: [],
  updateIntervalRange: null,
  enabled: true,
  continuous: true,
};

/** Where an agent's platform-to-agent page lies. */
export function p2aOf(agentId: number): number {
  return 0x47fe_0000 + 0x1000 * agentId;
}

/**
 * The board of the two guests, whose agents 2 and 3 have platform-to-agent pages, and with a sensor: its firmware notifies and takes
 * asynchronous commands.
 */
export async function talking(firmware: Partial<FirmwareConfig> = {}): Promise<HostDescription> {
  const plain = await twoGuests();
  const agents = plain.board.firmware.agents.map((agent) => ({
    ...agent,
    p2a: agent.id >= 2 ? p2aOf(agent.id) : null,
  }));
  return twoGuests({
    agents,
    sensors: [SENSOR],
    protocols: ["power", "reset", "clock", "sensor"],
    ...firmware,
  });
}
