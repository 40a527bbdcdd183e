import type { Json } from "#base/canonical-json.ts";
import { hexWord, toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { sentJson } from "#events/logged.ts";
import { acknowledge, completeOldest } from "#firmware/p2a/complete.ts";
import { measure } from "#firmware/p2a/measure.ts";
import { decodeSent } from "#scmi/codec.ts";
import { unpackHeader } from "#scmi/header.ts";
import { commandById, findProtocol, protocolById } from "#scmi/registry.ts";
import { statusName } from "#scmi/status.ts";
import type { DomainRef } from "../commands/commands.ts";
import type { AcknowledgeResult, CompletionResult, SensorResult } from "../commands/results.ts";
import type { Deciding } from "../context.ts";
import { runningDomain } from "./smc.ts";

/** A guest sets its agent's platform-to-agent page FREE; what has waited for that is sent at once. */
export function acknowledgeRule(context: Deciding, domain: DomainRef): AcknowledgeResult | Problem {
  const domid = runningDomain(context, domain);
  if (isProblem(domid)) return domid;
  const index = context.state.domain.at(domid).channel;
  if (index === null) return problem("domain-without-channel", { domid });
  const { firmware } = context.host.board;
  // The guest's page is that of the agent whom the firmware takes it for: by its function id.
  const { funcId, agentId: ownId } = context.state.channel.at(index);
  const agent = firmware.agents.find((listed) => listed.funcId === funcId);
  const agentId = agent?.id ?? ownId;
  if ((agent?.p2a ?? null) === null) return problem("agent-without-p2a", { agentId });
  const done = acknowledge(firmware, context.machine.firmware, context.scratch(), agentId);
  if (done === null) return problem("p2a-page-free", { agentId });
  const { message, sent } = done;
  const seq = context.emit("p2a.acknowledged", done, { domid, agentId });
  const [next] = sent;
  return {
    agentId,
    message: {
      header: hexWord(message.header),
      payload: toHex(message.payload),
      decoded: decodeSent(message.header, message.payload),
    },
    next: next === undefined ? null : sentJson(next),
    seq,
  };
}

/** The firmware finishes an asynchronous command. */
export function completeRule(
  context: Deciding,
  { agentId, protocol }: { readonly agentId: number | null; readonly protocol: string | number | null },
): CompletionResult | Problem {
  const protocolId = protocol === null ? null : protocolIdOf(protocol);
  if (isProblem(protocolId)) return protocolId;
  const done = completeOldest(context.host.board.firmware, context.machine.firmware, context.scratch(), {
    ...(agentId === null ? {} : { agentId }),
    ...(protocolId === null ? {} : { protocolId }),
  });
  if (done === null) {
    const whose = agentId === null ? "" : ` of agent ${agentId}`;
    return problem("nothing-pending", {
      what: protocol === null ? whose : `${whose} of protocol ${protocol}`,
    });
  }
  const { agentId: whose, request, status, effects, sent } = done;
  const domid = holderOf(context, whose);
  const seq = context.emit("scmi.completed", { request, status, effects, sent }, { agentId: whose, domid });
  const header = unpackHeader(request.header);
  return {
    agentId: whose,
    protocol: protocolById(header.protocolId)?.name ?? hexWord(header.protocolId),
    message: commandById(header.protocolId, header.messageId)?.name ?? hexWord(header.messageId),
    token: header.token,
    status: statusName(status),
    statusCode: status,
    sent: sent.map(sentJson) as Json,
    seq,
  };
}

/** A sensor has new readings; who asked to be told of them is. */
export function sensorRule(
  context: Deciding,
  { sensorId, readings }: { readonly sensorId: number; readonly readings: readonly number[] },
): SensorResult | Problem {
  const { firmware } = context.host.board;
  const sensor = firmware.sensors.find(({ id }) => id === sensorId);
  if (sensor === undefined) return problem("sensor-not-found", { sensorId });
  const axes = Math.max(1, sensor.axes.length);
  if (readings.length !== axes) return problem("sensor-axes", { sensorId, axes, given: readings.length });
  const { effects, sent } = measure(firmware, context.machine.firmware, context.scratch(), sensor, readings);
  const seq = context.emit("sensor.changed", { sensorId, readings, effects, sent });
  return { sensorId, readings, sent: sent.map(sentJson) as Json, seq };
}

/** The id of a protocol by its name or id, known or not. */
function protocolIdOf(protocol: string | number): number | Problem {
  if (typeof protocol === "number") return protocol;
  const found = findProtocol(protocol);
  return isProblem(found) ? found : found.protocolId;
}

/** The domain that holds an agent now, or null. */
function holderOf({ state }: Deciding, agentId: number): number | null {
  for (const domid of state.domain.ids()) {
    const { channel } = state.domain.at(domid);
    if (channel !== null && state.channel.get(channel)?.agentId === agentId) return domid;
  }
  return null;
}
