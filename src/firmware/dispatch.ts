import { assert } from "#base/assert.ts";
import type { FirmwareConfig } from "#config/board/board.ts";
import type { SmcMessage } from "#events/types.ts";
import { MESSAGE_TYPE, type MessageHeader, packHeader, unpackHeader } from "#scmi/header.ts";
import { decodeFields, encodeFields, type Layout, layoutFor, wholeWords, widthOf } from "#scmi/layout.ts";
import { COMMON } from "#scmi/protocols/common.ts";
import { commandsOf, sentById } from "#scmi/registry.ts";
import { SCMI_STATUS, type ScmiStatus } from "#scmi/status.ts";
import { VENDOR_PROTOCOLS } from "#scmi/vendor-protocols.ts";
import { gate } from "./access/gate.ts";
import type { Draft } from "./draft.ts";
import { announceChanges } from "./p2a/announce.ts";
import type { Outbox } from "./p2a/outbox.ts";
import { OWN_HANDLERS } from "./profiles/own-handlers.ts";
import type { SpokenProtocol } from "./profiles/profile.ts";
import { spokenBy } from "./profiles/spoken.ts";
import { base } from "./protocols/base.ts";
import { clock } from "./protocols/clock.ts";
import { performance } from "./protocols/performance.ts";
import { pinControl } from "./protocols/pin-control.ts";
import { powerDomain } from "./protocols/power-domain.ts";
import { powercap } from "./protocols/powercap.ts";
import { resetDomain } from "./protocols/reset-domain.ts";
import { sensor } from "./protocols/sensor.ts";
import { systemPower } from "./protocols/system-power.ts";
import { vendorServer } from "./protocols/vendor-server.ts";
import { voltageDomain } from "./protocols/voltage-domain.ts";
import type { BoardIndex } from "./resources/board-index.ts";
import type { AnyDelayed, AnyHandler, ProtocolServer, Spoken } from "./server-types.ts";

/** Every protocol that the model serves. A new one is a file and a line here. */
export const SERVERS: readonly ProtocolServer[] = [
  base,
  powerDomain,
  systemPower,
  performance,
  clock,
  sensor,
  resetDomain,
  voltageDomain,
  powercap,
  pinControl,
  ...VENDOR_PROTOCOLS.map(vendorServer),
];

/** An answer: the payload's bytes, and its size on the wire, larger by the padding that is not written. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly size: number;
  /** Ranges of bytes that are not written either: what lies in the page there stays. */
  readonly unwritten?: readonly (readonly [from: number, to: number])[];
}

/** A command as one board's firmware carries it out. */
interface ServedCommand {
  readonly id: number;
  /** Layouts in which the request is taken. */
  readonly requests: readonly Layout[];
  readonly response: Layout;
  readonly handle: AnyHandler;
  readonly delayed: AnyDelayed | undefined;
  /** How the size of its request is checked. */
  readonly size: "any" | "atLeast" | "exact";
}

interface ServedProtocol extends Spoken {
  readonly commands: ReadonlyMap<number, ServedCommand>;
  /** Ids below the highest that the firmware has no code for. */
  readonly holes: readonly number[];
}

const SERVICES = new WeakMap<BoardIndex, ReadonlyMap<number, ServedProtocol>>();

/**
 * Carries out the message in a channel.
 *
 * @param caller the agent whose channel it is: who a caller is never comes from the message
 * @param header its header word, of which token and reserved bits are not looked at
 * @param received its payload; null where even the header is not whole, which is too short for any message
 * @param draft takes what the message changes, which can be something even where the answer is an error
 * @param outbox takes what the firmware sends by itself because of it
 * @returns null where nothing is answered
 */
export function execute(
  board: BoardIndex,
  draft: Draft,
  outbox: Outbox,
  caller: number,
  header: number,
  received: Uint8Array | null,
): Answer | null {
  const payload = received ?? NO_BYTES;
  const message = unpackHeader(header);
  const mistyped = refuseType(board, message);
  if (mistyped !== null) return statusAnswer(SCMI_STATUS[mistyped]);
  const protocol = servicesOf(board).get(protocolIdOf(board, message));
  if (protocol === undefined) return statusAnswer(SCMI_STATUS.NOT_SUPPORTED);
  const { messageId } = message;
  const context = {
    board,
    draft,
    caller,
    spoken: protocol,
    outbox,
    message: { header, payload },
    isCompletion: false,
  };
  const command = protocol.commands.get(messageId);
  const layout =
    command === undefined || received === null ? undefined : layoutOfRequest(command, payload.length);
  if (board.isGated) {
    const refusal = gate(context, { messageId, payload, isWellFormed: layout !== undefined });
    if (refusal !== null) return statusAnswer(SCMI_STATUS[refusal]);
  }
  if (command === undefined) {
    return statusAnswer(SCMI_STATUS[unknownStatus(board, protocol, messageId, payload)]);
  }
  if (layout === undefined) return statusAnswer(SCMI_STATUS[sizeStatus(board, command)]);

  const result = command.handle(context, decodeFields(layout, whole(payload, layout.size)) as never);
  announceChanges(context, caller);
  if (result === null) return null;
  if (typeof result === "string") return statusAnswer(SCMI_STATUS[result]);
  if (typeof result === "number") return statusAnswer(result);
  const bytes = encodeFields(command.response, { status: SCMI_STATUS.SUCCESS, ...result });
  const size = wholeWords(bytes.length);
  const answer = board.switches.listPadding === "zero" ? zeroPadded(bytes, size) : { bytes, size };
  return board.switches.imxBugs ? { ...answer, unwritten: behindNames(command.response, bytes) } : answer;
}

/** What a request that was taken asynchronously came to. */
interface Finished {
  readonly status: number;
  /** Null: the agent wants none, or the command has none. */
  readonly delayed: SmcMessage | null;
}

/** Carries out a request that was taken asynchronously, and makes its delayed response. */
export function finish(
  board: BoardIndex,
  draft: Draft,
  outbox: Outbox,
  caller: number,
  message: SmcMessage,
): Finished {
  const { protocolId, messageId, token } = unpackHeader(message.header);
  const protocol = servicesOf(board).get(protocolId);
  const command = protocol?.commands.get(messageId);
  const layout = command && layoutOfRequest(command, message.payload.length);
  assert(
    protocol !== undefined && command !== undefined && layout !== undefined,
    "what was taken can be carried out",
  );

  const context = { board, draft, caller, spoken: protocol, outbox, message, isCompletion: true };
  const request = decodeFields(layout, message.payload) as never;
  const result = command.handle(context, request);
  announceChanges(context, caller);
  const status = statusOf(result);
  const row = sentById(protocolId, MESSAGE_TYPE.DELAYED_RESPONSE, messageId);
  const fields = command.delayed?.(context, request, result as never) ?? null;
  if (row === undefined || fields === null) return { status, delayed: null };
  return {
    status,
    delayed: {
      header: packHeader(protocolId, messageId, token, MESSAGE_TYPE.DELAYED_RESPONSE),
      payload: encodeFields(layoutFor(row.layouts, protocol.layout), { ...fields, status }),
    },
  };
}

/** The status word of what a handler came to. */
function statusOf(result: ReturnType<AnyHandler>): number {
  if (typeof result === "number") return result;
  if (typeof result === "object") return result?.status ?? SCMI_STATUS.SUCCESS;
  return SCMI_STATUS[result as ScmiStatus];
}

const NO_BYTES = new Uint8Array(0);

/** The status of a message of the wrong size. For one command, imx has it wrong. */
function sizeStatus({ switches }: BoardIndex, { id }: ServedCommand): ScmiStatus {
  return switches.imxBugs && id === COMMON.NEGOTIATE_PROTOCOL_VERSION.id ? "NOT_SUPPORTED" : "PROTOCOL_ERROR";
}

/** The status that a message gets for its type alone, or null. */
function refuseType({ switches }: BoardIndex, { messageType }: MessageHeader): ScmiStatus | null {
  if (messageType === MESSAGE_TYPE.COMMAND || switches.messageTypes === "any") return null;
  if (switches.messageTypes === "command") return "COMMS_ERROR";
  return messageType === RESERVED_TYPE ? "PROTOCOL_ERROR" : null;
}

const RESERVED_TYPE = 1;

/** The protocol that a message is for: one of imx's mistakes is to take 0x90 to 0x9f for 0x10 to 0x1f. */
function protocolIdOf({ switches }: BoardIndex, { protocolId }: MessageHeader): number {
  return switches.imxBugs && (protocolId & 0xf0) === 0x90 ? protocolId & 0x1f : protocolId;
}

function unknownStatus(
  { switches }: BoardIndex,
  { holes }: ServedProtocol,
  messageId: number,
  payload: Uint8Array,
): ScmiStatus {
  if (!holes.includes(messageId)) return switches.unknownMessageStatus;
  return payload.length === 0 ? "NOT_SUPPORTED" : "PROTOCOL_ERROR";
}

/** The bytes of name fields behind the NUL, which one of imx's mistakes leaves as they were in the page. */
function behindNames({ entries }: Layout, bytes: Uint8Array): (readonly [from: number, to: number])[] {
  return entries.flatMap(({ field, offset }) => {
    if (field.kind !== "name") return [];
    const end = offset + field.bytes;
    const nul = bytes.indexOf(0, offset);
    return nul < 0 || nul + 1 >= end ? [] : [[nul + 1, end] as const];
  });
}

/** An answer that is a status alone. */
export function statusAnswer(status: number): Answer {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, status, true);
  return { bytes, size: 4 };
}

/** The answer with zeros written up to `size`. */
export function zeroPadded(written: Uint8Array, size: number): Answer {
  if (written.length === size) return { bytes: written, size };
  const bytes = new Uint8Array(size);
  bytes.set(written);
  return { bytes, size };
}

function layoutOfRequest({ requests, size: check }: ServedCommand, bytes: number): Layout | undefined {
  switch (check) {
    case "any":
      return requests[0];
    case "atLeast":
      return requests.find(({ size }) => bytes >= size);
    case "exact":
      return requests.find((layout) => isSizeOf(layout, bytes));
  }
}

/** A payload with zeros up to the size of a layout: what is too short is taken only where the size is not checked. */
function whole(payload: Uint8Array, size: number): Uint8Array {
  if (payload.length >= size) return payload;
  const bytes = new Uint8Array(size);
  bytes.set(payload);
  return bytes;
}

/** Whether a request has a layout's size: all of its fields, and any number of whole items of its list. */
function isSizeOf({ size, list }: Layout, bytes: number): boolean {
  return list === null ? bytes === size : bytes >= size && (bytes - size) % widthOf(list.item) === 0;
}

function servicesOf(board: BoardIndex): ReadonlyMap<number, ServedProtocol> {
  const known = SERVICES.get(board);
  if (known !== undefined) return known;
  const made = new Map<number, ServedProtocol>();
  for (const server of SERVERS) {
    const { name, protocolId } = server.protocol;
    const spoken = spokenBy(board, server.protocol);
    const isListed =
      name === "base" || board.config.protocols.some((listed) => listed === name || listed === protocolId);
    if (spoken !== undefined && isListed) made.set(protocolId, serviceOf(board, server, spoken));
  }
  SERVICES.set(board, made);
  return made;
}

function serviceOf(board: BoardIndex, server: ProtocolServer, spoken: SpokenProtocol): ServedProtocol {
  const { version, layout = version, messages } = spoken;
  const { olderRequests } = board.switches;
  const absent = switchedOff(board.config);
  const commands = new Map<number, ServedCommand>();
  const left: number[] = [];
  for (const command of commandsOf(server.protocol)) {
    const handle =
      OWN_HANDLERS[board.profile.name]?.[server.protocol.name]?.[command.name] ??
      server.handlers[command.name];
    const isImplemented =
      (command.from ?? 0) <= layout && (messages === undefined || messages.includes(command.id));
    if (absent.has(command.name)) left.push(command.id);
    if (handle === undefined || !isImplemented || absent.has(command.name)) continue;
    const own = layoutFor(command.requestLayouts, layout);
    const requests = olderRequests ? command.requestLayouts.filter(({ from }) => from <= own.from) : [own];
    const { id } = command;
    commands.set(id, {
      id,
      requests,
      response: layoutFor(command.responseLayouts, layout),
      handle,
      delayed: server.delayed[command.name],
      size: spoken.sizes?.[id] ?? board.switches.sizeCheck,
    });
  }
  return {
    name: server.protocol.name,
    version,
    layout,
    commands,
    holes: spoken.holes === undefined ? [] : [...spoken.holes, ...left],
    has: (messageId) => commands.has(messageId),
  };
}

/** The commands of the base protocol that a board file's `supports` leaves out. */
function switchedOff({ supports }: FirmwareConfig): ReadonlySet<string> {
  const optional = {
    BASE_DISCOVER_AGENT: supports.discoverAgent,
    BASE_SET_DEVICE_PERMISSIONS: supports.setDevicePermissions,
    BASE_SET_PROTOCOL_PERMISSIONS: supports.setProtocolPermissions,
    BASE_RESET_AGENT_CONFIGURATION: supports.resetAgentConfiguration,
  };
  return new Set(Object.entries(optional).flatMap(([name, isSupported]) => (isSupported ? [] : [name])));
}
