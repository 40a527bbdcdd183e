import { fromHex, hexWord, toHex } from "#base/hex.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { viewOf } from "#base/slab.ts";
import { handleSmc, type SmcResult } from "#mediator/smc.ts";
import { decodeMessage, encodeRequest } from "#scmi/codec.ts";
import { memcpyFromIo } from "#scmi/device-memory.ts";
import { packHeader } from "#scmi/header.ts";
import { findCommand } from "#scmi/registry.ts";
import { CHANNEL_ERROR, CHANNEL_FREE, PAGE_BYTES, PAYLOAD_BYTES_MAX, SHMEM } from "#scmi/shmem.ts";
import { statusName } from "#scmi/status.ts";
import type { DomainRef, ScmiCall } from "./commands.ts";
import type { Deciding } from "./context.ts";
import { resolveDomain } from "./domain-rules.ts";
import type { ScmiResult, SmcView } from "./results.ts";
import { registersView, shownBytes } from "./views.ts";

const NO_PAGE = new Uint8Array(0);

/** A guest's raw SMC. */
export function smcRule(
  context: Deciding,
  domain: DomainRef,
  x: readonly bigint[],
  shmem: Uint8Array | null,
): SmcView | Problem {
  const domid = runningDomain(context, domain);
  if (isProblem(domid)) return domid;
  const result = handleSmc(context, domid, x, shmem);
  const page = result.shmem === null ? NO_PAGE : shownBytes(context.page(result.shmem));
  // Put into words only when somebody asks: verify decides all of them again and asks for none.
  return {
    handled: result.handled,
    get x() {
      return registersView(result.x);
    },
    get shmem() {
      return toHex(page);
    },
    seq: result.seq,
  };
}

/**
 * A whole transfer as a Linux agent does it: waits for no one, so a page that is not FREE is refused; clears the status, writes
 * flags, length, header and payload, rings its own doorbell, reads the answer.
 */
export function scmiRule(context: Deciding, domain: DomainRef, call: ScmiCall): ScmiResult | Problem {
  const request = encodeCall(call);
  if (isProblem(request)) return request;
  const domid = runningDomain(context, domain);
  if (isProblem(domid)) return domid;
  const index = context.state.domain.at(domid).channel;
  if (index === null) return problem("domain-without-channel", { domid });
  const channel = context.state.channel.at(index);
  const page = context.page(channel.shmem);
  if ((page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) === 0) {
    return problem("channel-busy", { agentId: channel.agentId }, "EBUSY");
  }
  const written = messagePage(memcpyFromIo(page, 0, 0x10), request.header, request.payload);
  const result = handleSmc(context, domid, [BigInt(channel.funcId), 0n, 0n, 0n, 0n, 0n, 0n, 0n], written);
  return readAnswer(context, channel.shmem, request.header, result);
}

interface Request {
  readonly header: number;
  readonly payload: Uint8Array;
}

function encodeCall(call: ScmiCall): Request | Problem {
  if (call.payload !== undefined) {
    const payload = fromHex(call.payload);
    if (payload === null || payload.length > PAYLOAD_BYTES_MAX) {
      return problem("scmi-invalid-params", {
        issues: [`payload: hex of at most ${PAYLOAD_BYTES_MAX} bytes is allowed`],
      });
    }
    const ids = numericIds(call) ?? findCommand(call.protocol, call.message);
    if (isProblem(ids)) return ids;
    return { header: packHeader(ids.protocolId, ids.id), payload };
  }
  const command = findCommand(call.protocol, call.message);
  if (isProblem(command)) return command;
  const payload = encodeRequest(command, call.params ?? {});
  if (isProblem(payload)) return payload;
  return { header: packHeader(command.protocolId, command.id), payload };
}

function numericIds({ protocol, message }: ScmiCall): { protocolId: number; id: number } | null {
  if (typeof protocol !== "number" || typeof message !== "number") return null;
  return { protocolId: protocol, id: message };
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
): ScmiResult {
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

/** The domid of a domain that can do something: neither dying nor shut down. */
export function runningDomain(context: Deciding, domain: DomainRef): number | Problem {
  const domid = resolveDomain(context, domain);
  if (isProblem(domid)) return domid;
  const { state } = context.state.domain.at(domid);
  if (state === "dying") return problem("domain-dying", { domid });
  return state === "running" ? domid : problem("domain-not-running", { domid, state });
}
