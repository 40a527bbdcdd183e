import type { Errno } from "#base/errno.ts";
import { isProblem, problem } from "#base/problem.ts";
import type { EventData } from "#events/types.ts";
import { resetAgent, setDevicePermissions } from "#mediator/management.ts";
import type { Reply } from "#mediator/messaging.ts";
import { boot, endDomains } from "../boot.ts";
import type { Command, Observation } from "../commands/commands.ts";
import type { ManagementResult, Outcome } from "../commands/results.ts";
import type { Deciding, Ruling } from "../context.ts";
import { assignRule, destroyRule, restartRule, shutdownRule } from "./domain.ts";
import { acknowledgeRule, completeRule, sensorRule } from "./p2a.ts";
import { scmiRule } from "./scmi.ts";
import { smcRule } from "./smc.ts";
import { createFromRequest } from "./toolstack.ts";

/** Any command but those that need no configured host. */
export type HostCommand = Exclude<Command, { kind: "host.configure" } | Observation>;

/** Kinds of commands that are taken whatever became of Xen. */
type AlwaysTaken = "host.reboot" | "firmware.complete" | "sensor.set" | "request.refused" | "audit.read";

/** Decides one command: everything that happens is emitted on the way. */
export function decide(context: Deciding, command: HostCommand): Outcome {
  if (command.kind === "host.reboot") return reboot(context, command.cause);
  // The firmware and the world go on, whatever became of Xen.
  if (command.kind === "firmware.complete") return outcome(completeRule(context, command));
  if (command.kind === "sensor.set") return outcome(sensorRule(context, command));
  if (command.kind === "request.refused" || command.kind === "audit.read") {
    const { kind, ...data } = command;
    return outcome({ seq: context.emit(kind, data as EventData[typeof kind]) });
  }
  const host = context.machine.host.at(0);
  if (host.panic !== undefined) return outcome(problem("host-panicked", { message: host.panic }));
  if (host.epoch === 0) return outcome(problem("host-not-booted", {}));
  return outcome(rule(context, command));
}

function reboot(context: Deciding, cause: "cold" | "reboot" | "crash"): Outcome {
  const firstSeq = context.lastSeq() + 1;
  endDomains(context);
  return boot(context, cause, firstSeq);
}

function rule(context: Deciding, command: Exclude<HostCommand, { kind: AlwaysTaken }>): Ruling {
  switch (command.kind) {
    case "domain.create":
      return createFromRequest(context, command.request);
    case "domain.destroy":
      return destroyRule(context, command.domain);
    case "domain.restart":
      return restartRule(context, command.domain);
    case "domain.shutdown":
      return shutdownRule(context, command.domain, command.reason);
    case "device.assign":
      return assignRule(context, command.domain, command.path);
    case "smc":
      return smcRule(context, command.domain, command.x, command.shmem);
    case "scmi":
      return scmiRule(context, command.domain, command.call);
    case "agent.reset": {
      if (hasNoManagement(context)) return problem("mediator-without-management", {});
      const reply = resetAgent(context, command.agentId, command.permissions ? 1 : 0, "request");
      return managementResult(context, reply);
    }
    case "permission.set": {
      if (hasNoManagement(context)) return problem("mediator-without-management", {});
      const { agentId, deviceId, allowed } = command;
      return managementResult(context, setDevicePermissions(context, agentId, deviceId, allowed));
    }
    case "p2a.acknowledge":
      return acknowledgeRule(context, command.domain);
  }
}

/** Whether this Xen could never send a message itself, registered or not: nobody is there to ask, so nothing is recorded. */
function hasNoManagement({ host }: Deciding): boolean {
  return host.board.xen.mediator === "single-agent";
}

function managementResult(context: Deciding, { status, errno, seq }: Reply): ManagementResult {
  return { status, errno, seq: seq ?? context.lastSeq() };
}

/** The result with the errno that the caller is shown: a refusal's, or that of a management message. */
function outcome(result: Ruling): Outcome {
  if (isProblem(result)) return { result, errno: result.errno };
  return { result, errno: "errno" in result ? (result.errno as Errno | null) : null };
}
