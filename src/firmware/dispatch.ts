import type { FirmwareConfig } from "#config/board.ts";
import { unpackHeader } from "#scmi/header.ts";
import { decodeFields, encodeFields, type Layout, layoutFor, wholeWords } from "#scmi/layout.ts";
import { commandsOf } from "#scmi/registry.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import type { BoardIndex } from "./board-index.ts";
import type { Draft } from "./draft.ts";
import type { SpokenProtocol } from "./profiles/profile.ts";
import { base } from "./protocols/base.ts";
import { clock } from "./protocols/clock.ts";
import { powerDomain } from "./protocols/power-domain.ts";
import { resetDomain } from "./protocols/reset-domain.ts";
import type { AnyHandler, ProtocolServer, Spoken } from "./server-types.ts";

/** Every protocol that the model serves. A new one is a file and a line here. */
export const SERVERS: readonly ProtocolServer[] = [base, powerDomain, clock, resetDomain];

/** An answer: the payload's bytes, and its size on the wire, larger by the padding that is not written. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly size: number;
}

/** A command as one board's firmware carries it out. */
interface ServedCommand {
  /** Layouts in which the request is taken. */
  readonly requests: readonly Layout[];
  readonly response: Layout;
  readonly handle: AnyHandler;
}

interface ServedProtocol extends Spoken {
  readonly commands: ReadonlyMap<number, ServedCommand>;
}

const SERVICES = new WeakMap<BoardIndex, ReadonlyMap<number, ServedProtocol>>();

/**
 * Carries out the message in a channel.
 *
 * @param caller the agent whose channel it is: who a caller is never comes from the message
 * @param header its header word, of which type, token and reserved bits are not looked at
 * @param draft takes what the message changes, which can be something even where the answer is an error
 */
export function execute(
  board: BoardIndex,
  draft: Draft,
  caller: number,
  header: number,
  payload: Uint8Array,
): Answer {
  const { protocolId, messageId } = unpackHeader(header);
  const protocol = servicesOf(board).get(protocolId);
  if (protocol === undefined) return statusAnswer(SCMI_STATUS.NOT_SUPPORTED);
  const command = protocol.commands.get(messageId);
  if (command === undefined) return statusAnswer(SCMI_STATUS[board.switches.unknownMessageStatus]);
  const layout = layoutOfRequest(board, command, payload.length);
  if (layout === undefined) return statusAnswer(SCMI_STATUS.PROTOCOL_ERROR);

  const request = decodeFields(layout, payload);
  const result = command.handle({ board, draft, caller, spoken: protocol }, request as never);
  if (typeof result === "string") return statusAnswer(SCMI_STATUS[result]);
  const bytes = encodeFields(command.response, { status: SCMI_STATUS.SUCCESS, ...result });
  const size = wholeWords(bytes.length);
  return board.switches.listPadding === "zero" ? zeroPadded(bytes, size) : { bytes, size };
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

function layoutOfRequest(
  { switches }: BoardIndex,
  { requests }: ServedCommand,
  bytes: number,
): Layout | undefined {
  return switches.sizeCheck === "exact"
    ? requests.find(({ size }) => bytes === size)
    : requests.find(({ size }) => bytes >= size);
}

function servicesOf(board: BoardIndex): ReadonlyMap<number, ServedProtocol> {
  const known = SERVICES.get(board);
  if (known !== undefined) return known;
  const made = new Map<number, ServedProtocol>();
  for (const server of SERVERS) {
    const { name, protocolId } = server.protocol;
    const spoken = board.profile.protocols[name];
    const isListed = name === "base" || board.config.protocols.some((listed) => listed === name);
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
  for (const command of commandsOf(server.protocol)) {
    const handle = server.handlers[command.name];
    const isImplemented =
      (command.from ?? 0) <= layout && (messages === undefined || messages.includes(command.id));
    if (handle === undefined || !isImplemented || absent.has(command.name)) continue;
    const own = layoutFor(command.requestLayouts, layout);
    const requests = olderRequests ? command.requestLayouts.filter(({ from }) => from <= own.from) : [own];
    commands.set(command.id, { requests, response: layoutFor(command.responseLayouts, layout), handle });
  }
  return {
    name: server.protocol.name,
    version,
    layout,
    commands,
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
