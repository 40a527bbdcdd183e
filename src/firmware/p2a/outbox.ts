import { fromHex, toHex } from "#base/hex.ts";
import type { SentByFirmware, SentOutcome, SmcMessage } from "#events/types.ts";
import { memcpyFromIo, memcpyToIo } from "#scmi/device-memory.ts";
import { MESSAGE_TYPE, packHeader } from "#scmi/header.ts";
import type { SentMessage } from "#scmi/protocol.ts";
import { CHANNEL_FREE, PAYLOAD_BYTES_MAX, SHMEM } from "#scmi/shmem.ts";
import type { Draft } from "../draft.ts";
import type { BoardIndex } from "../resources/board-index.ts";
import type { FirmwareMemory } from "../ring.ts";

/** Messages that wait for one agent's page, at the most; what comes then is dropped. */
const QUEUE_MAX = 32;

/** Tokens have 10 bits. */
const TOKENS = 1024;

const NOTHING: readonly SentByFirmware[] = [];

/**
 * What the firmware sends by itself while it works on something: written into the agents' platform-to-agent pages in the order in
 * which it was raised. A page takes one message, until its agent sets it FREE again.
 *
 * @see scmi-reference.md 1.7
 */
export class Outbox {
  readonly #board: BoardIndex;
  readonly #draft: Draft;
  readonly #memory: FirmwareMemory;
  #sent: SentByFirmware[] | null = null;

  /** @param memory as the firmware reaches it: scratch, as for a ring */
  constructor(board: BoardIndex, draft: Draft, memory: FirmwareMemory) {
    this.#board = board;
    this.#draft = draft;
    this.#memory = memory;
  }

  /** Everything so far, in order. */
  get sent(): readonly SentByFirmware[] {
    return this.#sent ?? NOTHING;
  }

  /** Sends a notification. */
  notify(agentId: number, { protocolId, id }: SentMessage, payload: Uint8Array): void {
    const token = this.#board.switches.p2aToken === "zero" ? 0 : this.#nextToken(agentId);
    this.send(agentId, { header: packHeader(protocolId, id, token, MESSAGE_TYPE.NOTIFICATION), payload });
  }

  /** Sends a message. To an agent without a platform-to-agent page there is no way, and nobody is told. */
  send(agentId: number, message: SmcMessage): void {
    const address = this.#board.agents.get(agentId)?.p2a ?? null;
    if (address === null) return;
    this.#sent ??= [];
    this.#sent.push({ agentId, ...message, outcome: this.#post(agentId, address, message) });
  }

  /** An agent's page is FREE: the message that waited longest for that takes it. */
  sendWaiting(agentId: number): void {
    const [first, ...rest] = waitingIn(this.#draft.get("p2a", agentId, "queue"));
    if (first === undefined) return;
    this.#draft.set("p2a", agentId, "queue", rest.length === 0 ? undefined : rest.map(queued).join(" "));
    this.send(agentId, first);
  }

  #nextToken(agentId: number): number {
    const token = this.#draft.get("p2a", agentId, "token") ?? 0;
    this.#draft.set("p2a", agentId, "token", (token + 1) % TOKENS);
    return token;
  }

  #post(agentId: number, address: number, message: SmcMessage): SentOutcome {
    const page = this.#memory.window(address);
    const isFree = (page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) !== 0;
    if (isFree) {
      writeSent(this.#memory, address, message);
      return "sent";
    }
    const waiting = waitingIn(this.#draft.get("p2a", agentId, "queue"));
    if (this.#board.switches.p2aBusy === "drop" || waiting.length >= QUEUE_MAX) return "dropped";
    this.#draft.set("p2a", agentId, "queue", [...waiting, message].map(queued).join(" "));
    return "queued";
  }
}

/** Writes a message into a platform-to-agent page, which then is not FREE. No interrupt is asked for: the agent polls. */
export function writeSent(memory: FirmwareMemory, address: number, { header, payload }: SmcMessage): void {
  const page = memory.window(address);
  memcpyToIo(page, SHMEM.PAYLOAD, payload);
  page.write32(SHMEM.CHANNEL_FLAGS, 0);
  page.write32(SHMEM.LENGTH, 4 + payload.length);
  page.write32(SHMEM.MESSAGE_HEADER, header);
  page.write32(SHMEM.CHANNEL_STATUS, 0);
}

/** Sets a platform-to-agent page FREE, as its agent does when it has read it. */
export function setFree(memory: FirmwareMemory, address: number): void {
  memory.window(address).write32(SHMEM.CHANNEL_STATUS, CHANNEL_FREE);
}

/** The message in a platform-to-agent page, or null: it is FREE. */
export function messageIn(memory: FirmwareMemory, address: number): SmcMessage | null {
  const page = memory.window(address);
  if ((page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) !== 0) return null;
  const length = page.read32(SHMEM.LENGTH);
  const bytes = length >= 4 && length - 4 <= PAYLOAD_BYTES_MAX ? length - 4 : 0;
  return { header: page.read32(SHMEM.MESSAGE_HEADER), payload: memcpyFromIo(page, SHMEM.PAYLOAD, bytes) };
}

/** The messages in the cell that holds those which wait for a page, the oldest first. */
export function waitingIn(queue: string | undefined): SmcMessage[] {
  if (queue === undefined) return [];
  return queue.split(" ").map((text) => ({
    header: Number.parseInt(text.slice(0, 8), 16),
    payload: fromHex(text.slice(8)) ?? new Uint8Array(0),
  }));
}

/** A message as a cell of the state holds it: its header in eight digits, and its payload. */
function queued({ header, payload }: SmcMessage): string {
  return header.toString(16).padStart(8, "0") + toHex(payload);
}
