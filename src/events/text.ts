import type { Json } from "#base/canonical-json.ts";
import type { Errno } from "#base/errno.ts";
import { hexWord } from "#base/hex.ts";
import {
  type Decoded,
  type DecodedExchange,
  describeExchange,
  describeRequest,
  describeSent,
  type Names,
} from "#scmi/describe.ts";
import { statusName } from "#scmi/status.ts";
import { observedText, traceText, xenText } from "./observed-text.ts";
import type { EventData, MachineEvent, SmcForwarded } from "./types.ts";

/** The data of an event as JSON shows them. */
type Shown = { readonly [field: string]: Json | undefined };

/**
 * What an event says, on one line for a person.
 *
 * @param shown its data as `dataJson` has them: what is decoded there is not decoded again
 */
export function eventText(event: MachineEvent, shown: Json, names: Names): string {
  const json = shown as Shown;
  switch (event.type) {
    case "host.configured": {
      // A recorded board is of any shape: nothing here is worth failing for.
      const { name, firmware } = event.data.board as Partial<EventData["host.configured"]["board"]>;
      const { profile, agents, devices } = (firmware ?? {}) as Partial<NonNullable<typeof firmware>>;
      return `board ${name}: profile ${profile}, ${agents?.length ?? 0} agents, ${devices?.length ?? 0} devices`;
    }
    case "host.booted":
      return `the host boots (${event.data.cause})`;
    case "mediator.probed":
      return probedText(event.data);
    case "mediator.probe-failed": {
      const { step, errno, message } = event.data;
      return `the mediator's probe failed at step ${step}: ${errno}, ${message}`;
    }
    case "smc.forwarded":
      return forwardedText(event.data, json, names);
    case "smc.refused":
      return `${event.data.origin}: SMC ${hexWord(event.data.x[0] ?? 0n)} refused, ${event.data.reason}`;
    case "agent.reset": {
      const { status, errno, permissions } = event.data;
      const what = `${status ?? "no answer"}${errno === null ? "" : ` (${errno})`}`;
      return `agent ${event.agentId} reset: ${what}, permissions ${permissions}`;
    }
    case "scmi.completed": {
      const { protocol, message, ...request } = json["decoded"] as Decoded;
      const asked = { protocol: String(protocol), message: String(message), request };
      const done = `${describeRequest(asked, names)} done → ${statusName(event.data.status)}`;
      return withSent(done, json["sent"], names);
    }
    case "p2a.acknowledged":
      return withSent(
        `agent ${event.agentId} read ${describeSent(json["decoded"] as Decoded, names)}`,
        json["sent"],
        names,
      );
    case "sensor.changed": {
      const { sensorId, readings } = event.data;
      const name = names.of("sensor", "sensorId", sensorId);
      const which = name === undefined ? "" : ` ${JSON.stringify(name)}`;
      return withSent(`sensor ${sensorId}${which} reads ${readings.join(", ")}`, json["sent"], names);
    }
    case "request.refused": {
      const { requests, others } = event.data;
      const told = requests.map(({ code, method, path, actor, address, count }) => {
        const times = count === 1 ? "" : `, ${count} times`;
        return `${actor ?? "somebody"} at ${address}: ${method} ${path} refused, ${code}${times}`;
      });
      return [...told, ...(others === 0 ? [] : [`and ${others} more`])].join("; ");
    }
    case "audit.read": {
      const { path, query } = event.data;
      return `read ${path}${query === "" ? "" : `?${query}`}`;
    }
    case "trace.imported":
      return traceText(event.data);
    case "scmi.observed":
      return observedText(event.data, json["decoded"] ?? null, names);
    case "xen.observed":
      return xenText(event.data);
    default:
      return domainText(event);
  }
}

function probedText(data: EventData["mediator.probed"]): string {
  if (data.mode === "multi-agent") {
    const { channels, managementAgent } = data;
    return `Xen's mediator is ready: ${channels.length} channels, agent ${managementAgent} is Xen's own`;
  }
  const [channel] = data.channels;
  const owner = data.passthrough ? "the first guest that asks for it" : "dom0";
  return `Xen's single-agent mediator is ready: ${hexWord(channel?.funcId ?? 0)} is for ${owner}`;
}

function forwardedText(data: SmcForwarded, json: Shown, names: Names): string {
  const exchange = json["decoded"] as DecodedExchange | null;
  const text =
    exchange === null
      ? `SMC ${hexWord(data.x[0] ?? 0n)} → x0 ${hexWord(data.xOut[0] ?? 0n)}`
      : describeExchange(exchange, data.caller, names);
  const isAnswered = exchange === null || exchange.response !== null || data.xOut[0] === 0n;
  const x0 = isAnswered ? "" : `, x0 ${hexWord(data.xOut[0] ?? 0n)}`;
  return withSent(`${data.origin}: ${text}${x0}`, json["notifications"], names);
}

/** What the firmware sent by itself, behind what made it do so. */
function withSent(text: string, sent: Json | undefined, names: Names): string {
  const messages = (sent ?? []) as readonly { agentId: number; outcome: string; decoded: Decoded }[];
  const told = messages.map(({ agentId, outcome, decoded }) => {
    const how = outcome === "sent" ? "" : ` (${outcome})`;
    return `agent ${agentId} is told${how} ${describeSent(decoded, names)}`;
  });
  return [text, ...told].join("; ");
}

/** What the firmware answered where Xen went on with an assignment, as if SCI were not concerned. */
const UNHANDLED: { readonly [E in Errno]?: string } = {
  ENXIO: "HARDWARE_ERROR",
  EOPNOTSUPP: "NOT_SUPPORTED",
};

type DomainEvent = Extract<MachineEvent, { type: `domain.${string}` | `device.${string}` }>;

function domainText(event: DomainEvent): string {
  switch (event.type) {
    case "domain.created":
      return createdText(event.data);
    case "domain.creation-refused":
      return `${event.data.name} not created: ${refusalText(event.data)}${event.data.panic ? "; the host panics" : ""}`;
    case "domain.destroyed": {
      const { name, cause, relinquish } = event.data;
      const kept = relinquish === "tolerated" ? ", its permissions stay" : "";
      return `${name} destroyed (${cause})${kept}`;
    }
    case "domain.destroy-refused":
      return `not destroyed: ${refusalText(event.data)}${event.data.dying ? "; it is dying" : ""}`;
    case "domain.shutdown": {
      const { reason, action, renamedTo } = event.data;
      return `${reason}: ${action}${renamedTo === undefined ? "" : ` as ${renamedTo}`}`;
    }
    case "device.assigned": {
      const { path, deviceIds, sci, controlled } = event.data;
      const failed = controlled && sci !== null;
      const none = failed ? "nothing granted" : "nothing to grant";
      const granted = deviceIds.length === 0 ? none : `granted ${deviceIds.join(", ")}`;
      const why = failed ? `: the firmware's ${UNHANDLED[sci] ?? sci} is "not handled" to Xen` : "";
      return `${path} assigned, ${granted}${why}`;
    }
    case "device.assignment-refused": {
      const { granted, panic } = event.data;
      const left = granted.length === 0 ? "" : `; ${granted.join(", ")} stay granted`;
      return `${event.data.path} not assigned: ${refusalText(event.data)}${left}${panic ? "; the host panics" : ""}`;
    }
  }
}

/** Id of a channel whose agent nobody knows. */
const AGENT_UNKNOWN = 0xffff_ffff;

function createdText({ name, agent, iomem }: EventData["domain.created"]): string {
  const known = agent === AGENT_UNKNOWN ? "an agent that nobody knows" : `agent ${agent}`;
  const mayMap = iomem === undefined ? "" : `; it may map ${hexWord(iomem.address)} for a guest`;
  return `${name} created, ${agent === null ? "without an agent" : known}${mayMap}`;
}

function refusalText({
  errno,
  message,
}: Pick<EventData["domain.destroy-refused"], "errno" | "message">): string {
  return message === "" ? errno : `${errno}, ${message}`;
}
