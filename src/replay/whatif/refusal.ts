import type { EventType, MachineEvent } from "#events/types.ts";
import type { CommandKind } from "#machine/commands/commands.ts";

/** Commands that are one message to the firmware: its status is what came of them. */
const MESSAGES: ReadonlySet<CommandKind> = new Set(["smc", "scmi", "permission.set", "agent.reset"]);
const REFUSALS: ReadonlySet<EventType> = new Set([
  "domain.creation-refused",
  "domain.destroy-refused",
  "device.assignment-refused",
  "smc.refused",
  "request.refused",
]);

/**
 * Whether a command was refused: by the rules without a trace, by Xen or its toolstack with an event that says so, or by the
 * firmware with a status. What fails in the course of a command that goes on all the same is no refusal of the command.
 */
export function isRefused(kind: CommandKind, events: readonly MachineEvent[]): boolean {
  const last = events.at(-1);
  if (last === undefined) return true;
  // A boot goes on without the domains and nodes that it was refused.
  if (kind === "host.configure" || kind === "host.reboot") return false;
  if (REFUSALS.has(last.type)) return true;
  const message = MESSAGES.has(kind) ? events.findLast(({ type }) => type === "smc.forwarded") : undefined;
  return message?.type === "smc.forwarded" && !isSuccess(message);
}

/** Every answer begins with its status, an i32: errors are below zero. No answer is no success. */
function isSuccess({ data: { response } }: MachineEvent<"smc.forwarded">): boolean {
  if (response === null || response.payload.length < 4) return false;
  const { buffer, byteOffset } = response.payload;
  return new DataView(buffer, byteOffset, 4).getInt32(0, true) >= 0;
}
