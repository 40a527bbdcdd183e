import type { MachineEvent } from "#events/types.ts";
import type { Command, Observation } from "./commands/commands.ts";

/** The rule version of a log without a host, of what was observed elsewhere: no rules decide it, and none ever will. */
export const NO_RULES = 1;

/** Whether a command is no command, but what was observed elsewhere. */
export function isObservation(command: Command): command is Observation {
  return "observed" in command;
}

/** The event that records an observation. */
export function observationEvent(observation: Observation): Omit<MachineEvent, "seq" | "epoch"> {
  const { kind, observed } = observation;
  const agentId = "agentId" in observation ? observation.agentId : null;
  return { type: kind, domid: null, agentId, data: observed } as Omit<MachineEvent, "seq" | "epoch">;
}
