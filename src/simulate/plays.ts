import { isProblem, type Problem, refusedRequest } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import type { Play } from "#replay/whatif/plan.ts";
import { readScriptAction } from "./script-commands.ts";

/** What a line of a script, as JSON, would do in a fork of a log: all that it does in a simulation. */
export function playOf(json: unknown): Play | Problem {
  const action = readScriptAction(json);
  if (isProblem(action)) return action;
  switch (action.kind) {
    case "command":
      return { kind: "command", command: action.command };
    case "firmware.fault":
      return { kind: "below", act: (_, faults) => faults.add(action.fault, action.times) };
    case "firmware.clear-faults":
      return { kind: "below", act: (_, faults) => faults.clear() };
    case "firmware.reset":
      return { kind: "below", act: (machine) => machine.resetFirmware() };
    case "firmware.ring":
    case "expect":
      return refusedRequest(
        `do: found ${action.kind}, allowed is what changes the machine, and answers with events or nothing`,
      );
  }
}

/** The command that a line of a script, as JSON, asks for; `request-invalid` where it asks for something that is none. */
export function commandOf(json: unknown): Command | Problem {
  const action = readScriptAction(json);
  if (isProblem(action)) return action;
  if (action.kind === "command") return action.command;
  return refusedRequest(
    `do: found ${action.kind}, allowed is a command: insert what lies below the mediator instead`,
  );
}
