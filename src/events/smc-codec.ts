import type {
  MachineEvent,
  PageWrite,
  SentByFirmware,
  SentOutcome,
  SmcEffect,
  SmcForwarded,
  SmcRefusal,
  SmcRefused,
} from "./types.ts";

/**
 * The packed data of the SMC events; offsets from the start of the data. Header and status words are big-endian, so that
 * `hex(substr(data, …))` shows them in the sqlite3 shell; everything else is little-endian.
 *
 *     0  u8   flags: 1 from Xen, 2 has request, 4 has response, 8 has effects, 16 below the mediator, 32 has a caller,
 *             64 has a page, 128 has notifications
 *     1  u8   which of x1..x7 are not zero; bit 0: whether the high half of x0 is not
 *     2  u8   low half: which of x0..x3 out are not zero; high half: which of them equal x0..x3 in, and are left out
 *     3  u8   why refused (smc.refused), 0: forwarded
 *     4  u32  big-endian: request header
 *     8  i32  big-endian: SCMI status, the first payload word of the response (0 where there is none)
 *    12  u32  big-endian: function id, the low half of x0
 *    16  u32  page address, low half
 *    20  u16  page address, high half
 *    22  u16  bytes of request payload
 *    24  u16  bytes of response payload
 *    26  u8   caller
 *    27  u8   number of page writes
 *    28       request payload; response: channel status u32, length u32, header u32, payload;
 *             the other words of x (u64 each, x0 by its high half u32); x out (u64); page writes (u16 offset, u16 bytes, bytes);
 *             notifications (u16 how many; each: u8 agent, u8 outcome, u16 bytes of payload, u32 big-endian header, payload); effects (JSON)
 */
const FIXED_BYTES = 28;
const FROM_XEN = 1;
const HAS_REQUEST = 2;
const HAS_RESPONSE = 4;
const HAS_EFFECTS = 8;
const BELOW = 16;
const HAS_CALLER = 32;
const HAS_PAGE = 64;
const HAS_NOTIFICATIONS = 128;
/** Bytes of a notification before its payload. */
const NOTIFICATION_HEAD_BYTES = 8;

const REFUSALS: readonly SmcRefusal[] = [
  "owner-not-sip",
  "no-mediator",
  "sci-off",
  "foreign-function-id",
  "channel-busy",
  "no-management-channel",
  "unprivileged",
];

const OUTCOMES: readonly SentOutcome[] = ["sent", "dropped", "queued"];

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const LOW_HALF = 0xffff_ffffn;
const NO_WRITES: readonly PageWrite[] = [];
const NO_REGISTERS: readonly bigint[] = [];
const NO_NOTIFICATIONS: readonly SentByFirmware[] = [];

/** Where a body is written: from the first of the bytes on, once it is known how many are needed. */
export interface BodyRoom {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Makes room for a body of `length` bytes; what is in them does not matter. */
  take(length: number): void;
}

/** Packs an SMC event's data behind `headBytes` of room for the body's head. Gives how many bytes that takes with the head. */
export function packSmc(
  event: Extract<MachineEvent, { type: "smc.forwarded" | "smc.refused" }>,
  headBytes: number,
  room: BodyRoom,
): number {
  const forwarded = event.type === "smc.forwarded" ? event.data : null;
  const refused = event.type === "smc.refused" ? event.data : null;
  const { x, writes, shmem, origin } = event.data;
  const request = forwarded?.request ?? null;
  const response = forwarded?.response ?? null;
  const xOut = forwarded?.xOut ?? NO_REGISTERS;
  const effects = forwarded === null ? null : packEffects(forwarded.effects);
  const notifications = forwarded?.notifications ?? NO_NOTIFICATIONS;
  let xMask = (x[0] as bigint) > LOW_HALF ? 1 : 0;
  for (let i = 1; i < x.length; i += 1) if (x[i] !== 0n) xMask |= 1 << i;
  let sameMask = 0;
  let outMask = 0;
  for (let i = 0; i < xOut.length; i += 1) {
    if (xOut[i] === x[i]) sameMask |= 1 << i;
    else if (xOut[i] !== 0n) outMask |= 1 << i;
  }

  let length = headBytes + FIXED_BYTES + (request?.payload.length ?? 0);
  if (response !== null) length += 12 + response.payload.length;
  length += (xMask & 1 ? 4 : 0) + 8 * (bitCount(xMask & 0xfe) + bitCount(outMask));
  for (const write of writes) length += 4 + write.bytes.length;
  if (notifications.length > 0) length += 2;
  for (const { payload } of notifications) length += NOTIFICATION_HEAD_BYTES + payload.length;
  if (effects !== null) length += effects.length;

  room.take(length);
  const { bytes, view } = room;
  const at = headBytes;
  bytes[at] =
    (origin === "xen" ? FROM_XEN : 0) |
    (request === null ? 0 : HAS_REQUEST) |
    (response === null ? 0 : HAS_RESPONSE) |
    (effects === null ? 0 : HAS_EFFECTS) |
    (origin === "below" ? BELOW : 0) |
    (forwarded !== null && forwarded.caller !== null ? HAS_CALLER : 0) |
    (shmem === null ? 0 : HAS_PAGE) |
    (notifications.length === 0 ? 0 : HAS_NOTIFICATIONS);
  bytes[at + 1] = xMask;
  bytes[at + 2] = outMask | (sameMask << 4);
  bytes[at + 3] = refused === null ? 0 : REFUSALS.indexOf(refused.reason) + 1;
  view.setUint32(at + 4, request?.header ?? 0);
  const hasStatus = response !== null && response.payload.length >= 4;
  for (let i = 0; i < 4; i += 1) bytes[at + 11 - i] = hasStatus ? (response.payload[i] as number) : 0;
  view.setUint32(at + 12, Number(BigInt.asUintN(32, x[0] ?? 0n)));
  view.setUint32(at + 16, (shmem ?? 0) % 0x1_0000_0000, true);
  view.setUint16(at + 20, Math.floor((shmem ?? 0) / 0x1_0000_0000), true);
  view.setUint16(at + 22, request?.payload.length ?? 0, true);
  view.setUint16(at + 24, response?.payload.length ?? 0, true);
  bytes[at + 26] = forwarded?.caller ?? 0;
  bytes[at + 27] = writes.length;

  let end = at + FIXED_BYTES;
  if (request !== null) end = put(bytes, request.payload, end);
  if (response !== null) {
    view.setUint32(end, response.channelStatus, true);
    view.setUint32(end + 4, response.length, true);
    view.setUint32(end + 8, response.header, true);
    end = put(bytes, response.payload, end + 12);
  }
  if (xMask & 1) {
    view.setUint32(end, Number((x[0] as bigint) >> 32n), true);
    end += 4;
  }
  for (let i = 1; i < 8; i += 1) {
    if ((xMask & (1 << i)) === 0) continue;
    view.setBigUint64(end, x[i] as bigint, true);
    end += 8;
  }
  for (let i = 0; i < 4; i += 1) {
    if ((outMask & (1 << i)) === 0) continue;
    view.setBigUint64(end, xOut[i] as bigint, true);
    end += 8;
  }
  for (const write of writes) {
    view.setUint16(end, write.offset, true);
    view.setUint16(end + 2, write.bytes.length, true);
    end = put(bytes, write.bytes, end + 4);
  }
  if (notifications.length > 0) end = putNotifications(room, notifications, end);
  if (effects !== null) bytes.set(effects, end);
  return length;
}

function putNotifications(
  { bytes, view }: BodyRoom,
  notifications: readonly SentByFirmware[],
  at: number,
): number {
  view.setUint16(at, notifications.length, true);
  let end = at + 2;
  for (const { agentId, outcome, header, payload } of notifications) {
    bytes[end] = agentId;
    bytes[end + 1] = OUTCOMES.indexOf(outcome);
    view.setUint16(end + 2, payload.length, true);
    view.setUint32(end + 4, header);
    end = put(bytes, payload, end + NOTIFICATION_HEAD_BYTES);
  }
  return end;
}

/** Copies `from` to `at` and gives where it ends. Few bytes are copied one by one: a typed array's own copy starts slowly. */
function put(bytes: Uint8Array, from: Uint8Array, at: number): number {
  if (from.length > 64) bytes.set(from, at);
  else for (let i = 0; i < from.length; i += 1) bytes[at + i] = from[i] as number;
  return at + from.length;
}

/** Unpacks what {@link packSmc} packed, or gives null where the bytes do not fit. The answer's byte arrays are views. */
export function unpackSmc(
  type: "smc.forwarded" | "smc.refused",
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
): SmcForwarded | SmcRefused | null {
  if (end - at < FIXED_BYTES) return null;
  const flags = bytes[at] as number;
  const xMask = bytes[at + 1] as number;
  const outMask = (bytes[at + 2] as number) & 0xf;
  const sameMask = (bytes[at + 2] as number) >> 4;
  const requestBytes = view.getUint16(at + 22, true);
  const responseBytes = view.getUint16(at + 24, true);
  const writeCount = bytes[at + 27] as number;
  const shmem =
    flags & HAS_PAGE ? view.getUint16(at + 20, true) * 0x1_0000_0000 + view.getUint32(at + 16, true) : null;

  let next = at + FIXED_BYTES;
  const wordBytes = (xMask & 1 ? 4 : 0) + 8 * (bitCount(xMask & 0xfe) + bitCount(outMask));
  const fixedEnd = next + requestBytes + (flags & HAS_RESPONSE ? 12 + responseBytes : 0) + wordBytes;
  if (fixedEnd > end) return null;

  const request =
    flags & HAS_REQUEST
      ? { header: view.getUint32(at + 4), payload: bytes.subarray(next, next + requestBytes) }
      : null;
  next += requestBytes;
  let response: SmcForwarded["response"] = null;
  if (flags & HAS_RESPONSE) {
    response = {
      channelStatus: view.getUint32(next, true),
      length: view.getUint32(next + 4, true),
      header: view.getUint32(next + 8, true),
      payload: bytes.subarray(next + 12, next + 12 + responseBytes),
    };
    next += 12 + responseBytes;
  }
  const x = xMask === 0 ? plainCall(view.getUint32(at + 12)) : unpackArguments(view, at + 12, next, xMask);
  next += (xMask & 1 ? 4 : 0) + 8 * bitCount(xMask & 0xfe);
  const xOut = outMask === 0 ? passedOn(x, sameMask) : unpackResults(view, next, x, sameMask, outMask);
  next += 8 * bitCount(outMask);
  const writes = writeCount === 0 ? NO_WRITES : unpackWrites(bytes, view, next, end, writeCount);
  if (writes === null) return null;
  for (const write of writes) next += 4 + write.bytes.length;

  if (type === "smc.refused") {
    const reason = REFUSALS[(bytes[at + 3] as number) - 1];
    if (reason === undefined || next !== end) return null;
    return { origin: flags & FROM_XEN ? "xen" : "domain", reason, shmem, writes, x };
  }
  const notifications = flags & HAS_NOTIFICATIONS ? unpackNotifications(bytes, view, next, end) : null;
  if (notifications !== null) next = notifications.end;
  if (next < 0) return null;
  const effects = flags & HAS_EFFECTS ? unpackEffects(bytes.subarray(next, end)) : [];
  if (effects === null || shmem === null || (!(flags & HAS_EFFECTS) && next !== end)) return null;
  return {
    origin: flags & FROM_XEN ? "xen" : flags & BELOW ? "below" : "domain",
    shmem,
    writes,
    x,
    caller: flags & HAS_CALLER ? (bytes[at + 26] as number) : null,
    request,
    xOut,
    response,
    effects,
    ...(notifications === null ? {} : { notifications: notifications.list }),
  };
}

/** The notifications at `at` and where they end; -1 where they do not fit. */
function unpackNotifications(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
): { readonly list: readonly SentByFirmware[]; readonly end: number } {
  const unfit = { list: NO_NOTIFICATIONS, end: -1 };
  if (end - at < 2) return unfit;
  const count = view.getUint16(at, true);
  const list: SentByFirmware[] = [];
  let next = at + 2;
  for (let i = 0; i < count; i += 1) {
    if (end - next < NOTIFICATION_HEAD_BYTES) return unfit;
    const outcome = OUTCOMES[bytes[next + 1] as number];
    const payloadEnd = next + NOTIFICATION_HEAD_BYTES + view.getUint16(next + 2, true);
    if (outcome === undefined || payloadEnd > end) return unfit;
    const payload = bytes.subarray(next + NOTIFICATION_HEAD_BYTES, payloadEnd);
    list.push({ agentId: bytes[next] as number, header: view.getUint32(next + 4), payload, outcome });
    next = payloadEnd;
  }
  return count === 0 ? unfit : { list, end: next };
}

/** Registers of the calls that pass nothing but a function id, by it: nearly all of a log's, and making big integers costs. */
const PLAIN_CALLS = new Map<number, readonly bigint[]>();
/** More function ids than any board has agents: what comes behind them is no board's. */
const PLAIN_CALLS_MAX = 1024;
const NO_RESULTS: readonly bigint[] = [0n, 0n, 0n, 0n];

function plainCall(functionId: number): readonly bigint[] {
  const known = PLAIN_CALLS.get(functionId);
  if (known !== undefined) return known;
  const made = [BigInt(functionId), 0n, 0n, 0n, 0n, 0n, 0n, 0n];
  if (PLAIN_CALLS.size < PLAIN_CALLS_MAX) PLAIN_CALLS.set(functionId, made);
  return made;
}

function unpackArguments(view: DataView, lowAt: number, at: number, mask: number): bigint[] {
  const x: bigint[] = new Array(8).fill(0n);
  x[0] = BigInt(view.getUint32(lowAt));
  let next = at;
  if (mask & 1) {
    x[0] |= BigInt(view.getUint32(next, true)) << 32n;
    next += 4;
  }
  for (let i = 1; i < 8; i += 1) {
    if ((mask & (1 << i)) === 0) continue;
    x[i] = view.getBigUint64(next, true);
    next += 8;
  }
  return x;
}

/** x0..x3 out where each is 0 or what it was in. */
function passedOn(x: readonly bigint[], sameMask: number): readonly bigint[] {
  const isZero = (sameMask & 1) === 0 && x[1] === 0n && x[2] === 0n && x[3] === 0n;
  return isZero ? NO_RESULTS : NO_RESULTS.map((_, i) => (sameMask & (1 << i) ? (x[i] as bigint) : 0n));
}

function unpackResults(
  view: DataView,
  at: number,
  x: readonly bigint[],
  sameMask: number,
  outMask: number,
): bigint[] {
  const xOut = [...passedOn(x, sameMask)];
  let next = at;
  for (let i = 0; i < 4; i += 1) {
    if ((outMask & (1 << i)) === 0) continue;
    xOut[i] = view.getBigUint64(next, true);
    next += 8;
  }
  return xOut;
}

function unpackWrites(
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
  count: number,
): PageWrite[] | null {
  const writes: PageWrite[] = [];
  let next = at;
  for (let i = 0; i < count; i += 1) {
    if (end - next < 4) return null;
    const offset = view.getUint16(next, true);
    const length = view.getUint16(next + 2, true);
    if (end - next - 4 < length) return null;
    writes.push({ offset, bytes: bytes.subarray(next + 4, next + 4 + length) });
    next += 4 + length;
  }
  return writes;
}

function packEffects(effects: readonly SmcEffect[]): Uint8Array | null {
  if (effects.length === 0) return null;
  return encoder.encode(
    JSON.stringify(
      effects.map(({ table, row, column, value }) =>
        value === undefined ? [table, row, column] : [table, row, column, value],
      ),
    ),
  );
}

function unpackEffects(bytes: Uint8Array): SmcEffect[] | null {
  let rows: unknown;
  try {
    rows = JSON.parse(decoder.decode(bytes));
  } catch {
    return null;
  }
  if (!Array.isArray(rows)) return null;
  const effects: SmcEffect[] = [];
  for (const cell of rows) {
    if (!Array.isArray(cell)) return null;
    const [table, row, column, value] = cell as unknown[];
    if (typeof table !== "string" || typeof row !== "number" || typeof column !== "string") return null;
    if (typeof value === "object" && value !== null) return null;
    effects.push({ table, row, column, value: value as SmcEffect["value"] });
  }
  return effects;
}

function bitCount(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
