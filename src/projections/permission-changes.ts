import type { LoggedEvent } from "#events/logged.ts";
import type { SmcForwarded } from "#events/types.ts";

/** What an SMC made of a permission; null: it is back at its default. */
export interface PermissionChange {
  readonly agentId: number;
  readonly deviceId: number;
  readonly allowed: boolean | null;
}

/** Whether an event can change permissions: every type but `smc.forwarded`, and of those the few that touched one. */
export function mayChangePermissions(event: LoggedEvent): boolean {
  return event.type !== "smc.forwarded" || event.data.effects.some(({ table }) => table === "permission");
}

/** The permissions that an SMC changed, each once, as it left them. */
export function permissionChanges({ effects }: SmcForwarded): PermissionChange[] {
  const changes = new Map<string, PermissionChange>();
  for (const { table, row, column, value } of effects) {
    if (table !== "permission") continue;
    const allowed = value === undefined ? null : value === true;
    changes.set(`${row}/${column}`, { agentId: row, deviceId: Number(column), allowed });
  }
  return [...changes.values()];
}
