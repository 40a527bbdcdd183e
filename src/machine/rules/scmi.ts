import { hexWord, toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { viewOf } from "#base/slab.ts";
import { guestFuncId } from "#mediator/binding/guest-func-id.ts";
import { NO_PAGE } from "#mediator/single-agent/mode.ts";
import { handleSmc, type SmcResult } from "#mediator/smc.ts";
import type { ChannelCells } from "#mediator/state.ts";
import { type DecodedMessage, decodeMessage } from "#scmi/codec.ts";
import { memcpyFromIo } from "#scmi/device-memory.ts";
import { CHANNEL_ERROR, CHANNEL_FREE, PAGE_BYTES, SHMEM } from "#scmi/shmem.ts";
import { SCMI_STATUS, statusName } from "#scmi/status.ts";
import { indexOf, joined, type ListCommand, pieceOf, withIndex } from "#scmi/walk.ts";
import type { DomainRef, ScmiCall } from "../commands/commands.ts";
import type { ScmiResult, ScmiTransfer } from "../commands/results.ts";
import type { Deciding } from "../context.ts";
import { encodeCall } from "../scmi-call.ts";
import { registersView } from "../views/views.ts";
import { runningDomain } from "./smc.ts";

/** Rings of one walk, at the most: an answer that never ends is no reason never to end. */
const TRANSFERS_MAX = 1024;

/**
 * A whole transfer as a Linux agent does it: waits for no one, so a page that is not FREE is refused; clears the status, writes
 * flags, length, header and payload, rings its own doorbell, reads the answer. With `all`, as many transfers as the list has
 * pieces, and one answer.
 */
export function scmiRule(context: Deciding, domain: DomainRef, call: ScmiCall): ScmiResult | Problem {
  const request = encodeCall(call, context.host.board.firmware);
  if (isProblem(request)) return request;
  const domid = runningDomain(context, domain);
  if (isProblem(domid)) return domid;
  const index = context.state.domain.at(domid).channel;
  if (index === null) return problem("domain-without-channel", { domid });
  const caller = { domid, channel: context.state.channel.at(index) };
  if (caller.channel.shmem === NO_PAGE) return problem("domain-without-channel", { domid });
  const { header, payload, walk } = request;
  return walk === null
    ? transfer(context, caller, header, payload)
    : walkAll(context, caller, header, payload, walk);
}

interface Caller {
  readonly domid: number;
  readonly channel: ChannelCells;
}

function transfer(
  context: Deciding,
  { domid, channel }: Caller,
  header: number,
  payload: Uint8Array,
): ScmiResult | Problem {
  const page = context.page(channel.shmem);
  if ((page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) === 0) {
    return problem("channel-busy", { agentId: channel.agentId }, "EBUSY");
  }
  const written = messagePage(memcpyFromIo(page, 0, 0x10), header, payload);
  const result = handleSmc(
    context,
    domid,
    [BigInt(guestFuncId(context.host, channel)), 0n, 0n, 0n, 0n, 0n, 0n, 0n],
    written,
  );
  return { ...readAnswer(context, channel.shmem, header, result), request: toHex(payload) };
}

/** Transfer after transfer, until nothing remains, an answer has nothing new, or one fails. The answer is that of all of them. */
function walkAll(
  context: Deciding,
  caller: Caller,
  header: number,
  payload: Uint8Array,
  command: ListCommand,
): ScmiResult | Problem {
  const pieces: DecodedMessage[] = [];
  const transfers: ScmiTransfer[] = [];
  let last: ScmiResult | null = null;
  let next: Uint8Array | null = payload;
  while (next !== null && transfers.length < TRANSFERS_MAX) {
    const result = transfer(context, caller, header, next);
    if (isProblem(result)) return last === null ? result : { ...last, transfers };
    const { status, request, payload: answer, seq } = result;
    transfers.push({ status, request, payload: answer, seq });
    const isEnd = result.statusCode !== SCMI_STATUS.SUCCESS;
    // Some firmware says by an error that there is no more.
    if (isEnd && last !== null && command.iteration.remaining === undefined) break;
    last = result;
    if (isEnd) break;
    pieces.push(result.result as DecodedMessage);
    next = behind(command, next, result.result as DecodedMessage);
  }
  if (last === null) return problem("internal-error", { what: "a walk of no transfer" });
  const isWhole = last.statusCode === SCMI_STATUS.SUCCESS;
  return { ...last, result: isWhole ? joined(command, pieces) : last.result, transfers };
}

/** The request for what comes after an answer, or null: nothing does. */
function behind(command: ListCommand, payload: Uint8Array, answer: DecodedMessage): Uint8Array | null {
  const piece = pieceOf(command, answer);
  if (piece === null || piece.returned === 0 || piece.remaining === 0) return null;
  return withIndex(command, payload, indexOf(command, payload) + piece.returned);
}

/** The page from offset 0 to the end of the message; the reserved words before it stay as they are. */
function messagePage(head: Uint8Array, header: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(SHMEM.PAYLOAD + payload.length);
  bytes.set(head);
  const view = new DataView(bytes.buffer);
  view.setUint32(SHMEM.CHANNEL_STATUS, 0, true);
  view.setUint32(SHMEM.CHANNEL_FLAGS, 0, true);
  view.setUint32(SHMEM.LENGTH, 4 + payload.length, true);
  view.setUint32(SHMEM.MESSAGE_HEADER, header, true);
  bytes.set(payload, SHMEM.PAYLOAD);
  return bytes;
}

function readAnswer(
  context: Deciding,
  shmem: number,
  header: number,
  { handled, x, seq }: SmcResult,
): Omit<ScmiResult, "request"> {
  const page = context.page(shmem);
  const channelStatus = page.read32(SHMEM.CHANNEL_STATUS);
  const length = page.read32(SHMEM.LENGTH);
  const answered =
    handled &&
    x[0] === 0n &&
    (channelStatus & (CHANNEL_FREE | CHANNEL_ERROR)) === CHANNEL_FREE &&
    length >= 8;
  if (!answered) {
    const nothing = { status: null, statusCode: null, result: null, payload: "" };
    return { ...nothing, header: hexWord(header), x: registersView(x), seq };
  }
  const payload = memcpyFromIo(page, SHMEM.PAYLOAD, Math.min(length - 4, PAGE_BYTES - SHMEM.PAYLOAD));
  const answerHeader = page.read32(SHMEM.MESSAGE_HEADER);
  const statusCode = viewOf(payload).getInt32(0, true);
  return {
    status: statusName(statusCode),
    statusCode,
    result: decodeMessage(answerHeader, payload, "p2a") as { readonly [name: string]: unknown },
    header: hexWord(answerHeader),
    payload: toHex(payload),
    x: registersView(x),
    seq,
  };
}
