import { isAllowed } from "#firmware/access/permissions.ts";
import type { MachineState } from "../state/state.ts";

/** Whether the firmware lets an agent use a device now; nobody may do anything before a board is configured. */
export function isPermitted(state: MachineState, agentId: number, deviceId: number): boolean {
  const configuration = state.configuration();
  if (configuration === undefined) return false;
  return isAllowed(configuration.board.firmware, state.firmware, agentId, deviceId);
}
