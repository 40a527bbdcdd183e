import { type DeviceMemory, memcpyFromIo, memcpyToIo } from "#scmi/device-memory.ts";
import { CHANNEL_ERROR, CHANNEL_FREE, PAYLOAD_BYTES_MAX, SHMEM } from "#scmi/shmem.ts";
import { SCMI_STATUS } from "#scmi/status.ts";
import { type Answer, execute, statusAnswer, zeroPadded } from "../dispatch.ts";
import type { Draft } from "../draft.ts";
import type { Fault } from "../faults/faults.ts";
import type { Outbox } from "../p2a/outbox.ts";
import { received } from "../profiles/imx/received.ts";
import type { BoardIndex } from "../resources/board-index.ts";
import type { RingResponse } from "../ring.ts";
import { initialiseChannel, isInitialisation } from "./initialise-channel.ts";

/** What lay in a channel when its doorbell rang; each word was read once. */
export interface ChannelPage {
  readonly status: number;
  readonly length: number;
  readonly header: number;
  /** `length - 4` bytes; none where the length word makes no sense. */
  readonly payload: Uint8Array;
}

const DONE = CHANNEL_FREE | CHANNEL_ERROR;

const NOTHING = new Uint8Array(0);

/** Reads a channel, never beyond its page. */
export function readChannel(page: DeviceMemory): ChannelPage {
  const status = page.read32(SHMEM.CHANNEL_STATUS);
  const length = page.read32(SHMEM.LENGTH);
  const header = page.read32(SHMEM.MESSAGE_HEADER);
  const bytes = coveredBy(length);
  return {
    status,
    length,
    header,
    payload: bytes === 0 ? NOTHING : memcpyFromIo(page, SHMEM.PAYLOAD, bytes),
  };
}

/** Payload bytes that a length word speaks of: it counts the header, and must fit the page. */
function coveredBy(length: number): number {
  return length >= 4 && length - 4 <= PAYLOAD_BYTES_MAX ? length - 4 : 0;
}

/** The channel as it is, as an answer: for a ring that left it alone. */
export function asLeft({ status, length, header, payload }: ChannelPage): RingResponse {
  return { channelStatus: status, length, header, payload };
}

/**
 * Takes one doorbell: refuses it, or carries out the message and writes the answer in place. Nothing is written but the status
 * word, and for an answer the length word, the payload and (imx) the header.
 *
 * @param found the channel as {@link readChannel} found it
 * @param draft takes what the message changes, and that the channel is wedged
 * @param outbox takes what the firmware sends by itself because of it
 * @param fault what a simulation makes go wrong; a refused ring is refused as ever
 * @returns null where the ring is as if there had been none
 * @see TF-A drivers/scmi-msg/smt.c, `scmi_process_smt`; mediator-reference.md 5.3
 */
export function processChannel(
  board: BoardIndex,
  draft: Draft,
  outbox: Outbox,
  agentId: number,
  page: DeviceMemory,
  found: ChannelPage,
  fault?: Fault,
): RingResponse | null {
  const { switches } = board;
  if (switches.smtBusyLeak && draft.get("channel", agentId, "wedged") === true)
    return refuse(board, page, found);

  const isFree = (found.status & CHANNEL_FREE) !== 0;
  if (isFree && switches.freeRing === "ignored") return switches.imxBugs ? answerFree(page, found) : null;
  const hasError = (found.status & CHANNEL_ERROR) !== 0 && switches.errorRing === "refused";
  const isSized = found.length >= 4 && found.length - 4 <= payloadMax(board);
  if (isFree || hasError || (!isSized && switches.badLength === "refused")) {
    // The server marks the channel busy before it looks, and forgets to take that back.
    if (switches.smtBusyLeak) draft.set("channel", agentId, "wedged", true);
    return refuse(board, page, found);
  }
  if (fault?.action === "error") return refuse(board, page, found);

  if (fault?.action === "status")
    return respond(board, page, found, distorted(statusAnswer(Number(fault.value ?? 0)), fault), fault);
  if (!isSized && !(switches.imxBugs && found.length < 4)) return answerBadLength(board, page, found, fault);
  const message = switches.imxBugs ? received(draft, found) : found;
  const answer = execute(board, draft, outbox, agentId, message.header, isSized ? message.payload : null);
  if (answer === null) return stayQuiet(board, draft, agentId, page, found);
  return respond(board, page, found, distorted(answer, fault), fault, { header: message.header });
}

function payloadMax({ switches }: BoardIndex): number {
  return Math.min(switches.maxRequestPayload, PAYLOAD_BYTES_MAX);
}

/** Sets FREE and ERROR, and leaves the message in place. */
function refuse(board: BoardIndex, page: DeviceMemory, found: ChannelPage): RingResponse {
  return { ...asLeft(found), channelStatus: writeStatus(board, page, found, DONE) };
}

/** PROTOCOL_ERROR for a length that cannot be. One of imx's mistakes is to answer with header 0. */
function answerBadLength(
  board: BoardIndex,
  page: DeviceMemory,
  found: ChannelPage,
  fault: Fault | undefined,
): RingResponse {
  const { badLength, imxBugs } = board.switches;
  const answer = distorted(statusAnswer(SCMI_STATUS.PROTOCOL_ERROR), fault);
  const bits = badLength === "answeredWithError" ? DONE : CHANNEL_FREE;
  return respond(board, page, found, answer, fault, { bits, header: imxBugs ? 0 : found.header });
}

/** Another of imx's mistakes: a ring while the channel is FREE gets PROTOCOL_ERROR and header 0; the length word stays. */
function answerFree(page: DeviceMemory, { status, length }: ChannelPage): RingResponse {
  const { bytes } = statusAnswer(SCMI_STATUS.PROTOCOL_ERROR);
  memcpyToIo(page, SHMEM.PAYLOAD, bytes);
  page.write32(SHMEM.MESSAGE_HEADER, 0);
  const told = Math.max(coveredBy(length), bytes.length);
  return { channelStatus: status, length, header: 0, payload: memcpyFromIo(page, SHMEM.PAYLOAD, told) };
}

/**
 * What is left of a message that is not answered: nothing at all of its channel, where carrying it out made that anew; else a
 * length word of 0.
 */
function stayQuiet(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  page: DeviceMemory,
  found: ChannelPage,
): RingResponse {
  if (draft.effects().some((effect) => isInitialisation(effect) && effect.row === agentId)) {
    initialiseChannel(page);
    return { channelStatus: CHANNEL_FREE, length: 0, header: 0, payload: NOTHING };
  }
  page.write32(SHMEM.LENGTH, 0);
  const channelStatus = writeStatus(board, page, found, CHANNEL_FREE);
  return { channelStatus, length: 0, header: found.header, payload: NOTHING };
}

function respond(
  board: BoardIndex,
  page: DeviceMemory,
  found: ChannelPage,
  answer: Answer,
  fault: Fault | undefined,
  { bits = CHANNEL_FREE, header = found.header }: { readonly bits?: number; readonly header?: number } = {},
): RingResponse {
  const { size } = answer;
  const bytes = withUnwritten(answer, page);
  const length = fault?.action === "length" ? Number(fault.value ?? 0) >>> 0 : size + 4;
  memcpyToIo(page, SHMEM.PAYLOAD, bytes);
  page.write32(SHMEM.LENGTH, length);
  if (header !== found.header) page.write32(SHMEM.MESSAGE_HEADER, header);
  const channelStatus = fault?.action === "busy" ? found.status : writeStatus(board, page, found, bits);
  // A length word that lies must not hide what was written: replay rebuilds the page from this.
  const told = Math.max(coveredBy(length), bytes.length);
  const payload = told === bytes.length ? bytes : memcpyFromIo(page, SHMEM.PAYLOAD, told);
  return { channelStatus, length, header, payload };
}

/** The answer's bytes with what lies in the page where it writes nothing. */
function withUnwritten({ bytes, unwritten = [] }: Answer, page: DeviceMemory): Uint8Array {
  for (const [from, to] of unwritten) bytes.set(memcpyFromIo(page, SHMEM.PAYLOAD + from, to - from), from);
  return bytes;
}

/** Writes the status word: the bits of a ring that is over, beside those that were there or alone. */
function writeStatus(
  { switches }: BoardIndex,
  page: DeviceMemory,
  { status }: ChannelPage,
  bits: number,
): number {
  const kept = switches.errorRing === "cleared" ? status & ~CHANNEL_ERROR : status;
  const word = switches.statusWord === "kept" ? (kept | bits) >>> 0 : bits;
  page.write32(SHMEM.CHANNEL_STATUS, word);
  return word;
}

/** The answer with the zeros of a `pad` fault, as many as the page has room for. */
function distorted(answer: Answer, fault: Fault | undefined): Answer {
  if (fault?.action !== "pad") return answer;
  const size = Math.min(answer.size + Math.max(0, Number(fault.value ?? 0)), PAYLOAD_BYTES_MAX);
  const { bytes } = zeroPadded(answer.bytes, size);
  return { bytes, size };
}
