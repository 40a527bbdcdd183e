import { setPermission } from "../../access/permissions.ts";
import { requestInitialisation } from "../../channel/initialise-channel.ts";
import type { Context } from "../../server-types.ts";
import { releaseClocks } from "./clock-votes.ts";
import { hasLevel } from "./levels.ts";
import { releasePowerDomains } from "./power-votes.ts";
import { releaseSensors } from "./sensor-votes.ts";
import { releaseVoltages } from "./voltage-votes.ts";

/**
 * Resets an agent: what it holds of clocks, power domains, voltage modes and sensors is withdrawn, it is told of nothing any more,
 * and its channel is made anew. Performance and voltage levels, reset lines and pins stay as they are.
 *
 * @param withAccess whether its access to devices is withdrawn too: to those on which it has PRIV itself
 */
export function resetAgent(context: Context, agentId: number, withAccess: boolean): void {
  const { board, draft } = context;
  if (withAccess) {
    for (const deviceId of board.devices.byId.keys()) {
      if (hasLevel(board, agentId, "device", deviceId, "PRIV")) {
        setPermission(board, draft, agentId, deviceId, false);
      }
    }
  }
  requestInitialisation(draft, agentId);
  releaseSensors(board, draft, agentId);
  for (const column of draft.columns("subscription", agentId)) {
    draft.set("subscription", agentId, column, undefined);
  }
  releaseVoltages(board, draft, agentId);
  releaseClocks(board, draft, agentId);
  releasePowerDomains(board, draft, agentId);
}
