import type { Errno } from "#base/errno.ts";
import { memcpyFromIo, memcpyToIo } from "#scmi/device-memory.ts";
import { packHeader } from "#scmi/header.ts";
import { CHANNEL_FREE, PAYLOAD_BYTES_MAX, SHMEM } from "#scmi/shmem.ts";
import { SCMI_STATUS, statusName } from "#scmi/status.ts";
import type { MediatorContext } from "./context.ts";
import { PageWriter } from "./page-writer.ts";
import { AGENT_OWN, type ChannelCells } from "./state.ts";

/** Ids of the base protocol, and of the messages of it that the driver sends. */
const BASE_PROTOCOL = 0x10;
export const PROTOCOL_ATTRIBUTES = 0x1;
export const BASE_DISCOVER_AGENT = 0x7;
export const BASE_SET_DEVICE_PERMISSIONS = 0x9;
export const BASE_RESET_AGENT_CONFIGURATION = 0xb;

/** A channel that Xen itself talks on. */
export type XenChannel = Pick<ChannelCells, "agentId" | "funcId" | "shmem">;

/** What came of a message: the errno as the driver sees it (null: 0), the payload behind the status word, the SCMI status. */
export interface Reply {
  readonly errno: Errno | null;
  /** SCMI's name of the status word, or null: no answer was read. */
  readonly status: string | null;
  /** Payload behind the status, empty on any error. */
  readonly payload: Uint8Array;
  /** Event that recorded the ring, or null: the doorbell was not rung. */
  readonly seq: number | null;
}

/** What Xen's SCMI status codes become. Anything else, positive values included, is EINVAL. */
const ERRNO_OF_STATUS = new Map<number, Errno>([
  [SCMI_STATUS.NOT_SUPPORTED, "EOPNOTSUPP"],
  [SCMI_STATUS.INVALID_PARAMETERS, "EINVAL"],
  [SCMI_STATUS.DENIED, "EACCES"],
  [SCMI_STATUS.NOT_FOUND, "ENOENT"],
  [SCMI_STATUS.OUT_OF_RANGE, "ERANGE"],
  [SCMI_STATUS.BUSY, "EBUSY"],
  [SCMI_STATUS.COMMS_ERROR, "ENOTCONN"],
  [SCMI_STATUS.GENERIC_ERROR, "EIO"],
  [SCMI_STATUS.HARDWARE_ERROR, "ENXIO"],
  [SCMI_STATUS.PROTOCOL_ERROR, "EBADMSG"],
]);

/** The errno of an SCMI status word read as i32, null for SUCCESS. */
export function errnoOfStatus(status: number): Errno | null {
  return status === SCMI_STATUS.SUCCESS ? null : (ERRNO_OF_STATUS.get(status) ?? "EINVAL");
}

/** A page as Xen maps it: mapping writes FREE into its status word. */
export function mapPage(context: MediatorContext, address: number): PageWriter {
  const page = new PageWriter(context.page(address));
  page.write32(SHMEM.CHANNEL_STATUS, CHANNEL_FREE);
  return page;
}

/** A page that is mapped already. */
export function mappedPage(context: MediatorContext, address: number): PageWriter {
  return new PageWriter(context.page(address));
}

/**
 * Sends a base-protocol command on one of Xen's own channels and reads the answer, with the checks and the errors of the
 * series, and with its flaw: a page that is not FREE afterwards stays so, and every later message is EBUSY.
 *
 * @param rxBytes room for the payload behind the status: a longer answer is EINVAL
 * @see the series' `do_smc_xfer`, `send_smc_message`, `get_smc_response`; `shmem_put_message`, `shmem_get_response`
 */
export function sendMessage(
  context: MediatorContext,
  channel: XenChannel,
  page: PageWriter,
  messageId: number,
  words: readonly number[],
  rxBytes: number,
): Reply {
  const payload = new Uint8Array(words.length * 4);
  const view = new DataView(payload.buffer);
  for (const [i, word] of words.entries()) view.setUint32(4 * i, word, true);

  if (payload.length > PAYLOAD_BYTES_MAX) return failed("EINVAL");
  if ((page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) === 0) return failed("EBUSY");
  page.write32(SHMEM.CHANNEL_STATUS, 0);
  page.write32(SHMEM.CHANNEL_FLAGS, 0);
  page.write32(SHMEM.LENGTH, 4 + payload.length);
  page.write32(SHMEM.MESSAGE_HEADER, packHeader(BASE_PROTOCOL, messageId));
  memcpyToIo(page, SHMEM.PAYLOAD, payload);

  const xOut = context.ring({
    origin: "xen",
    domid: null,
    agentId: channel.agentId === AGENT_OWN ? null : channel.agentId,
    shmem: channel.shmem,
    writes: page.take(),
    x: [BigInt(channel.funcId), 0n, 0n, 0n, 0n, 0n, 0n, 0n],
  });
  const seq = context.lastSeq();
  const x0 = xOut[0] as bigint;
  if (x0 === SMCCC_INVALID_PARAMETER) return failed("EINVAL", seq);
  if (x0 !== 0n) return failed("EOPNOTSUPP", seq);
  return receive(context, channel.shmem, rxBytes, seq);
}

/** -3 in a 64-bit register. A zero-extended 32-bit -3 is not it. */
const SMCCC_INVALID_PARAMETER = 0xffff_ffff_ffff_fffdn;

function receive(context: MediatorContext, shmem: number, rxBytes: number, seq: number): Reply {
  const page = context.page(shmem);
  if ((page.read32(SHMEM.CHANNEL_STATUS) & CHANNEL_FREE) === 0) return failed("EBUSY", seq);
  const length = page.read32(SHMEM.LENGTH);
  if (length < 4 || length >= 0x8000_0004) return failed("EINVAL", seq);
  const status = page.read32(SHMEM.PAYLOAD) | 0;
  const errno = errnoOfStatus(status);
  if (errno !== null) return { errno, status: statusName(status), payload: EMPTY, seq };
  const bytes = Math.max(0, length - 8);
  if (bytes > rxBytes) return { errno: "EINVAL", status: statusName(status), payload: EMPTY, seq };
  return {
    errno: null,
    status: statusName(status),
    payload: memcpyFromIo(page, SHMEM.PAYLOAD + 4, bytes),
    seq,
  };
}

const EMPTY = new Uint8Array(0);

function failed(errno: Errno, seq: number | null = null): Reply {
  return { errno, status: null, payload: EMPTY, seq };
}

/** A little-endian u32 of a reply's payload, or null where the reply is shorter. */
export function replyWord(reply: Reply, index: number): number | null {
  if (reply.payload.length < 4 * index + 4) return null;
  const { buffer, byteOffset } = reply.payload;
  return new DataView(buffer, byteOffset).getUint32(4 * index, true);
}
