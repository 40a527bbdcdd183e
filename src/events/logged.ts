import type { Json } from "#base/canonical-json.ts";
import { hexWord, toHex } from "#base/hex.ts";
import { timeText } from "#base/time.ts";
import { decodeExchange, decodeMessage, decodeSent } from "#scmi/codec.ts";
import { type Names, NO_NAMES } from "#scmi/describe.ts";
import { statusName } from "#scmi/status.ts";
import { observedJson } from "./observed-text.ts";
import { EVENTS } from "./schemas.ts";
import { eventText } from "./text.ts";
import type {
  EventData,
  MachineEvent,
  P2aAcknowledged,
  ProbedChannel,
  ScmiCompleted,
  SentByFirmware,
  SmcForwarded,
  SmcMessage,
  SmcRefused,
} from "./types.ts";

export type { Names } from "#scmi/describe.ts";

/** Where a command came from. */
export const SOURCES = ["rest", "cli", "attach", "import", "boot"] as const;
export type Source = (typeof SOURCES)[number];

/** The request that a command came with. */
export interface RequestOrigin {
  /** Network address of whoever asked. */
  readonly address: string;
  /** Id of the request: the answer's `X-Request-Id`. */
  readonly id: string;
  /** W3C Trace Context of the request, as it came, or null. */
  readonly traceparent: string | null;
}

/** What the log knows of an event beside the event itself: its command's envelope. */
export interface Envelope {
  /** UTC, microseconds since 1970. */
  readonly timeUs: number;
  readonly commandId: number;
  readonly actor: string;
  readonly source: Source;
  readonly reason: string | null;
  /** Null: nobody asked over a network. */
  readonly request: RequestOrigin | null;
  /** Version of the program that decided it. */
  readonly program: string;
}

/** An event as the log keeps it. */
export type LoggedEvent = MachineEvent & Envelope;

/** An event with its command's envelope. Spelt out field by field: it is on the path of every append. */
export function loggedEvent(event: MachineEvent, envelope: Envelope): LoggedEvent {
  const { type, seq, epoch, domid, agentId, data } = event;
  const { timeUs, commandId, actor, source, reason, request, program } = envelope;
  return {
    type,
    seq,
    epoch,
    domid,
    agentId,
    data,
    timeUs,
    commandId,
    actor,
    source,
    reason,
    request,
    program,
  } as LoggedEvent;
}

/**
 * An event as the API and the command line show it: words in hex, bytes as hex, SMCs decoded, and all of it in words.
 *
 * @param names what the board of its time knows of the ids in messages
 */
export function eventJson(event: LoggedEvent, names: Names = NO_NAMES): Json {
  const data = dataJson(event);
  return {
    seq: event.seq,
    time: timeText(event.timeUs),
    type: event.type,
    version: EVENTS[event.type].version,
    epoch: event.epoch,
    commandId: event.commandId,
    actor: event.actor,
    source: event.source,
    ...(event.reason === null ? {} : { reason: event.reason }),
    ...(event.request === null ? {} : { request: requestJson(event.request) }),
    ...(event.domid === null ? {} : { domid: event.domid }),
    ...(event.agentId === null ? {} : { agentId: event.agentId }),
    program: event.program,
    text: eventText(event, data, names),
    data,
  };
}

function requestJson({ address, id, traceparent }: RequestOrigin): Json {
  return { address, id, ...(traceparent === null ? {} : { traceparent }) };
}

/** The data of an event as JSON shows them. */
export function dataJson(event: MachineEvent): Json {
  switch (event.type) {
    case "smc.forwarded":
      return forwardedJson(event.data);
    case "smc.refused":
      return refusedJson(event.data);
    case "host.configured":
      return configuredJson(event.data);
    case "mediator.probed":
      return { ...event.data, channels: event.data.channels.map(channelJson) };
    case "mediator.probe-failed": {
      const { channel, channels, ...rest } = event.data;
      const one = channel === undefined ? {} : { channel: channelJson(channel) };
      return { ...rest, ...one, ...(channels === undefined ? {} : { channels: channels.map(channelJson) }) };
    }
    case "domain.created":
      return createdJson(event.data);
    case "scmi.completed":
      return completedJson(event.data);
    case "p2a.acknowledged":
      return acknowledgedJson(event.data);
    case "sensor.changed":
      return { ...event.data, effects: effectsJson(event.data.effects), sent: event.data.sent.map(sentJson) };
    case "scmi.observed":
      return observedJson(event.data);
    default:
      return event.data as unknown as Json;
  }
}

function configuredJson({ deviceTree, partialTrees, ...rest }: EventData["host.configured"]): Json {
  const partial = partialTrees?.map(({ domain, tree }) => ({ domain, tree: toHex(tree) }));
  const trees = partial === undefined ? {} : { partialTrees: partial };
  return { ...rest, deviceTree: toHex(deviceTree), ...trees } as unknown as Json;
}

function channelJson({ agentId, funcId, shmem }: ProbedChannel): Json {
  return { agentId, funcId: hexWord(funcId), shmem: hexWord(shmem) };
}

function createdJson({ iomem, ...rest }: EventData["domain.created"]): Json {
  const mapped = iomem && { address: hexWord(iomem.address), bytes: iomem.bytes };
  return { ...(rest as unknown as { readonly [field: string]: Json }), ...(mapped && { iomem: mapped }) };
}

function forwardedJson(data: SmcForwarded): Json {
  const { origin, shmem, writes, x, request, xOut, response, effects, notifications } = data;
  return {
    origin,
    shmem: hexWord(shmem),
    writes: writesJson(writes),
    x: x.map(hexWord),
    request: request && messageJson(request),
    xOut: xOut.map(hexWord),
    response: response && {
      channelStatus: hexWord(response.channelStatus),
      length: response.length,
      header: hexWord(response.header),
      payload: toHex(response.payload),
    },
    effects: effectsJson(effects),
    ...(notifications === undefined ? {} : { notifications: notifications.map(sentJson) }),
    decoded: decodeExchange(request, response),
  };
}

function completedJson({ request, status, effects, sent }: ScmiCompleted): Json {
  return {
    request: messageJson(request),
    status: statusName(status),
    statusCode: status,
    effects: effectsJson(effects),
    sent: sent.map(sentJson),
    decoded: decodeMessage(request.header, request.payload, "a2p"),
  };
}

function acknowledgedJson({ page, message, effects, sent }: P2aAcknowledged): Json {
  return {
    page: hexWord(page),
    message: messageJson(message),
    effects: effectsJson(effects),
    sent: sent.map(sentJson),
    decoded: decodeSent(message.header, message.payload),
  };
}

/** What the firmware sent by itself as answers show it. */
export function sentJson({ agentId, header, payload, outcome }: SentByFirmware): Json {
  const message = { header, payload };
  return { agentId, outcome, ...messageJson(message), decoded: decodeSent(header, payload) };
}

function messageJson({ header, payload }: SmcMessage): { readonly header: string; readonly payload: string } {
  return { header: hexWord(header), payload: toHex(payload) };
}

function effectsJson(effects: SmcForwarded["effects"]): Json {
  return effects.map(({ table, row, column, value }) => ({
    path: `firmware/${table}/${row}/${column}`,
    value: value ?? null,
  }));
}

function refusedJson({ origin, reason, shmem, writes, x }: SmcRefused): Json {
  return {
    origin,
    reason,
    shmem: shmem === null ? null : hexWord(shmem),
    writes: writesJson(writes),
    x: x.map(hexWord),
  };
}

function writesJson(writes: SmcForwarded["writes"]): Json {
  return writes.map(({ offset, bytes }) => ({ offset, bytes: toHex(bytes) }));
}
