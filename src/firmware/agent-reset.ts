import type { Draft } from "./draft.ts";

/**
 * Takes back what an agent has set up for itself, beside its permissions: notifications that it asked for, and versions that it
 * chose to speak.
 *
 * @see scmi-reference.md 5.5
 */
export function resetSettings(draft: Draft, agentId: number): void {
  for (const table of ["subscription", "negotiated"] as const) {
    for (const column of draft.columns(table, agentId)) draft.set(table, agentId, column, undefined);
  }
}
