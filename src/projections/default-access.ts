import type { DeviceConfig, FirmwareConfig, ProfileName } from "#config/board/board.ts";

/** Who has a device at power-on. */
export interface DefaultAccess {
  readonly everyone: boolean;
  /** Agent ids, ascending; empty where it is everyone. */
  readonly agents: readonly number[];
}

/** The profiles that give agent 0 every device. */
const AGENT_0_PRIVILEGED: readonly ProfileName[] = ["ref", "ref-rcar", "ref-rpi5", "tfa"];

/** The profiles that obey no permissions: every agent has every device. */
const UNENFORCED: readonly ProfileName[] = ["ref-rcar", "tfa"];

/**
 * Who has a device at power-on, as the firmware has it (a test holds the two together).
 *
 * @see profile-ref.md, "Permissions"
 */
export function defaultAccess(firmware: FirmwareConfig, device: DeviceConfig): DefaultAccess {
  const enforced = isOn(firmware, "permissionsEnforced", !UNENFORCED.includes(firmware.profile));
  if (!enforced || device.defaultAccess === "all") return { everyone: true, agents: [] };
  const agents = new Set(device.defaultAccess === "none" ? [] : device.defaultAccess);
  if (isOn(firmware, "agent0Privileged", AGENT_0_PRIVILEGED.includes(firmware.profile))) agents.add(0);
  return { everyone: false, agents: [...agents].sort((a, b) => a - b) };
}

/** A switch of the board's, or what its profile has. */
function isOn({ switches }: FirmwareConfig, name: string, profiles: boolean): boolean {
  const given = switches[name];
  return typeof given === "boolean" ? given : profiles;
}

/**
 * SQL for whether an agent has a device by a board's defaults: 1 or 0; 0 for an agent or a device that the board does not list.
 *
 * @param table gives the tables' names
 * @param board SQL for the board, by the seq of its `host.configured`
 */
export function isDefaultSql(
  table: (name: string) => string,
  { board, agent, device }: { readonly board: string; readonly agent: string; readonly device: string },
): string {
  return `EXISTS (
    SELECT 1 FROM ${table("permission_devices")} AS pd, ${table("permission_agents")} AS pa
    WHERE pd.configured_seq = ${board} AND pd.device_id = ${device}
      AND pa.configured_seq = ${board} AND pa.agent_id = ${agent}
      AND (pd.everyone OR pa.agent_id IN (SELECT value FROM json_each(pd.agents)))
  )`;
}
