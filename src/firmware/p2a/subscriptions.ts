import type { Command } from "#scmi/protocol.ts";
import type { Draft } from "../draft.ts";

/**
 * Which agent asked to be told of what: a cell for each `*_NOTIFY` command and resource that is on. What is off has no cell.
 */

/** Column of a wish in an agent's row of the table `subscription`, e.g. `clock.CLOCK_RATE_NOTIFY.5`; base has no resource. */
export function subscriptionColumn({ protocolName, name }: Command, id?: number): string {
  return id === undefined ? `${protocolName}.${name}` : `${protocolName}.${name}.${id}`;
}

/** Keeps an agent's wish. */
export function subscribe(
  draft: Draft,
  agentId: number,
  command: Command,
  id: number | undefined,
  enabled: boolean,
): void {
  draft.set("subscription", agentId, subscriptionColumn(command, id), enabled || undefined);
}

/** The agents that asked, by a `*_NOTIFY` command, to be told of a resource; ascending. */
export function subscribers(draft: Draft, command: Command, id?: number): number[] {
  const column = subscriptionColumn(command, id);
  return draft.rows("subscription").filter((agentId) => draft.get("subscription", agentId, column) === true);
}
