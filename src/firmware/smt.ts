import { type DeviceMemory, memcpyFromIo, memcpyToIo } from "#scmi/device-memory.ts";
import { CHANNEL_ERROR, CHANNEL_FREE, PAYLOAD_BYTES_MAX, SHMEM } from "#scmi/shmem.ts";
import type { BoardIndex } from "./board-index.ts";
import { type Answer, execute, statusAnswer, zeroPadded } from "./dispatch.ts";
import type { Draft } from "./draft.ts";
import type { Fault } from "./faults.ts";
import type { RingResponse } from "./ring.ts";

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
 * word, and for an answer the length word and the payload.
 *
 * @param found the channel as {@link readChannel} found it
 * @param draft takes what the message changes, and that the channel is wedged
 * @param fault what a simulation makes go wrong; a refused ring is refused as ever
 * @see TF-A drivers/scmi-msg/smt.c, `scmi_process_smt`; mediator-reference.md 5.3
 */
export function processChannel(
  board: BoardIndex,
  draft: Draft,
  agentId: number,
  page: DeviceMemory,
  found: ChannelPage,
  fault?: Fault,
): RingResponse {
  const { switches } = board;
  if (switches.smtBusyLeak && draft.get("channel", agentId, "wedged") === true)
    return refuse(board, page, found);

  const isPending = (found.status & DONE) === 0;
  const payloadMax = Math.min(switches.maxRequestPayload, PAYLOAD_BYTES_MAX);
  const isSized = found.length >= 4 && found.length - 4 <= payloadMax;
  if (!isPending || !isSized) {
    // The server marks the channel busy before it looks, and forgets to take that back.
    if (switches.smtBusyLeak) draft.set("channel", agentId, "wedged", true);
    return refuse(board, page, found);
  }
  if (fault?.action === "error") return refuse(board, page, found);

  const answer =
    fault?.action === "status"
      ? statusAnswer(Number(fault.value ?? 0))
      : execute(board, draft, agentId, found.header, found.payload);
  return respond(board, page, found, distorted(answer, fault), fault);
}

/** Sets FREE and ERROR, and leaves the message in place. */
function refuse(board: BoardIndex, page: DeviceMemory, found: ChannelPage): RingResponse {
  return { ...asLeft(found), channelStatus: writeStatus(board, page, found, DONE) };
}

function respond(
  board: BoardIndex,
  page: DeviceMemory,
  found: ChannelPage,
  { bytes, size }: Answer,
  fault: Fault | undefined,
): RingResponse {
  const length = fault?.action === "length" ? Number(fault.value ?? 0) >>> 0 : size + 4;
  memcpyToIo(page, SHMEM.PAYLOAD, bytes);
  page.write32(SHMEM.LENGTH, length);
  const channelStatus =
    fault?.action === "busy" ? found.status : writeStatus(board, page, found, CHANNEL_FREE);
  // A length word that lies must not hide what was written: replay rebuilds the page from this.
  const told = Math.max(coveredBy(length), bytes.length);
  const payload = told === bytes.length ? bytes : memcpyFromIo(page, SHMEM.PAYLOAD, told);
  return { channelStatus, length, header: found.header, payload };
}

/** Writes the status word: the bits of a ring that is over, beside those that were there or alone. */
function writeStatus(
  { switches }: BoardIndex,
  page: DeviceMemory,
  { status }: ChannelPage,
  bits: number,
): number {
  const word = switches.statusWord === "kept" ? (status | bits) >>> 0 : bits;
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
