import { hexWord, toHex } from "#base/hex.ts";
import { isProblem } from "#base/problem.ts";
import type { Command } from "#machine/commands/commands.ts";
import { readScriptLine } from "./script-commands.ts";

/** The line of a script that asks for a command; null: scripts have no such command. */
export function scriptLine(command: Command): string | null {
  const fields = fieldsOf(command);
  return fields === null ? null : JSON.stringify({ do: command.kind, ...fields });
}

/** A command as a script that asks for it has it; null: none can. */
export function scripted(command: Command): Command | null {
  const line = scriptLine(command);
  const action = line === null ? null : readScriptLine(line);
  return action !== null && !isProblem(action) && action.kind === "command" ? action.command : null;
}

function fieldsOf(command: Command): object | null {
  switch (command.kind) {
    case "host.reboot":
      return { cause: command.cause };
    case "domain.create":
      return creationFields(command.request);
    case "domain.destroy":
    case "domain.restart":
    case "p2a.acknowledge":
      return { domid: command.domain };
    case "domain.shutdown":
      return { domid: command.domain, reason: command.reason };
    case "device.assign":
      return { domid: command.domain, path: command.path };
    case "smc": {
      const { domain, x, shmem } = command;
      return { domid: domain, x: x.map(hexWord), ...(shmem === null ? {} : { shmem: toHex(shmem) }) };
    }
    case "scmi":
      return { domid: command.domain, ...command.call };
    case "agent.reset":
      return { agentId: command.agentId, permissions: command.permissions };
    case "permission.set":
      return { agentId: command.agentId, deviceId: command.deviceId, allowed: command.allowed };
    case "sensor.set":
      return { sensorId: command.sensorId, readings: command.readings };
    case "firmware.complete": {
      const { agentId, protocol } = command;
      return { ...(agentId === null ? {} : { agentId }), ...(protocol === null ? {} : { protocol }) };
    }
    default:
      return null;
  }
}

function creationFields(request: Extract<Command, { kind: "domain.create" }>["request"]): object {
  if ("xlcfg" in request) return request;
  const { passthrough, uuid, ...fields } = request;
  return { ...fields, ...(passthrough === null ? {} : { passthrough }), ...(uuid === null ? {} : { uuid }) };
}
