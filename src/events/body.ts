import { canonicalJson, type Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { allocate, viewOf } from "#base/slab.ts";
import { EVENTS, eventTypeOf } from "./schemas.ts";
import { type BodyRoom, packSmc, unpackSmc } from "./smc-codec.ts";
import type { EventData, EventType, HostConfigured, MachineEvent } from "./types.ts";

/**
 * An event's body in the log, self-contained, so that a whole segment of bodies can be read as one run of bytes:
 *
 *     0  u32  bytes of the whole body, little-endian
 *     4  u8   code of the type
 *     5  u8   version of the type
 *     6  u16  domid, 0xffff: none
 *     8  u32  agent id, 0xffffffff: none
 *    12       data: packed for the SMC events, canonical JSON (UTF-8, bytes as hex) for the others;
 *             host.configured has its device trees behind the JSON, whose length comes first (u32)
 */
const BODY_HEAD_BYTES = 12;

const NO_DOMID = 0xffff;
const NO_AGENT = 0xffff_ffff;

/** A body taken apart. `next` is where the following body of a segment begins. */
export interface Body<T extends EventType = EventType> {
  readonly type: T;
  readonly version: number;
  readonly domid: number | null;
  readonly agentId: number | null;
  readonly data: EventData[T];
  readonly next: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

const NO_BYTES = new Uint8Array(0);
const NO_VIEW = viewOf(NO_BYTES);

/** Room for one body, exactly as large. */
class OwnRoom implements BodyRoom {
  bytes: Uint8Array = NO_BYTES;
  view: DataView = NO_VIEW;

  take(length: number): void {
    this.bytes = allocate(length);
    this.view = viewOf(this.bytes);
  }
}

/** The body of an event, as it is stored, hashed and compared. */
export function encodeBody(event: MachineEvent): Uint8Array {
  const room = new OwnRoom();
  writeBody(event, room);
  return room.bytes;
}

/** Writes an event's body into `room`. Gives how many bytes it takes. */
export function writeBody(event: MachineEvent, room: BodyRoom): number {
  const length = writeData(event, room);
  const { bytes, view } = room;
  view.setUint32(0, length, true);
  const { code, version } = EVENTS[event.type];
  bytes[4] = code;
  bytes[5] = version;
  view.setUint16(6, event.domid ?? NO_DOMID, true);
  view.setUint32(8, event.agentId ?? NO_AGENT, true);
  return length;
}

function writeData(event: MachineEvent, room: BodyRoom): number {
  switch (event.type) {
    case "smc.forwarded":
    case "smc.refused":
      return packSmc(event, BODY_HEAD_BYTES, room);
    case "host.configured": {
      return writeConfigured(event.data, room);
    }
    case "scmi.completed":
    case "p2a.acknowledged":
    case "sensor.changed":
      return writeJson(bytesAsHex(event.data), room);
    default:
      return writeJson(event.data as unknown as Json, room);
  }
}

function writeConfigured(data: HostConfigured, room: BodyRoom): number {
  const { deviceTree, partialTrees = [], ...rest } = data;
  const lengths = partialTrees.map(({ domain, tree }) => ({ domain, bytes: tree.length }));
  const described = lengths.length === 0 ? rest : { ...rest, partialTrees: lengths };
  const json = encoder.encode(canonicalJson(described as unknown as Json));
  const trees = [deviceTree, ...partialTrees.map(({ tree }) => tree)];
  const jsonEnd = BODY_HEAD_BYTES + 4 + json.length;
  const length = trees.reduce((sum, tree) => sum + tree.length, jsonEnd);
  room.take(length);
  room.view.setUint32(BODY_HEAD_BYTES, json.length, true);
  room.bytes.set(json, BODY_HEAD_BYTES + 4);
  let at = jsonEnd;
  for (const tree of trees) {
    room.bytes.set(tree, at);
    at += tree.length;
  }
  return length;
}

function writeJson(data: Json, room: BodyRoom): number {
  const json = encoder.encode(canonicalJson(data));
  const length = BODY_HEAD_BYTES + json.length;
  room.take(length);
  room.bytes.set(json, BODY_HEAD_BYTES);
  return length;
}

/** Data whose bytes are hex, which their schema makes bytes again. */
function bytesAsHex(value: unknown): Json {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(bytesAsHex);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]) => (part === undefined ? [] : [[name, bytesAsHex(part)]])),
  );
}

/** Why a body cannot be read. */
export interface BodyFault {
  readonly fault: string;
}

/** Whether reading a body failed. */
export function isBodyFault(value: Body | BodyFault): value is BodyFault {
  return "fault" in value;
}

/**
 * Reads the body at `at`. Never throws: bytes that are no body, or of a newer version, give a fault.
 *
 * @param view over the bytes of one body or of a run of them
 */
export function decodeBody(bytes: Uint8Array, view: DataView, at: number): Body | BodyFault {
  if (bytes.length - at < BODY_HEAD_BYTES) return { fault: "shorter than the head of a body" };
  const length = view.getUint32(at, true);
  if (length < BODY_HEAD_BYTES || length > bytes.length - at) {
    return { fault: `length word ${length} does not fit ${bytes.length - at} bytes` };
  }
  const type = eventTypeOf(bytes[at + 4] as number);
  if (type === undefined) return { fault: `unknown event type ${bytes[at + 4]}` };
  const version = bytes[at + 5] as number;
  if (version !== EVENTS[type].version) return { fault: `${type} of version ${version}` };
  const domid = view.getUint16(at + 6, true);
  const agentId = view.getUint32(at + 8, true);
  const end = at + length;
  const data = decodeData(type, bytes, view, at + BODY_HEAD_BYTES, end);
  if (data === null) return { fault: `the data do not fit ${type}` };
  return {
    type,
    version,
    domid: domid === NO_DOMID ? null : domid,
    agentId: agentId === NO_AGENT ? null : agentId,
    data,
    next: end,
  };
}

/** Reads a body that stands alone. */
export function readBody(bytes: Uint8Array): Body | BodyFault {
  const body = decodeBody(bytes, viewOf(bytes), 0);
  if (!isBodyFault(body) && body.next !== bytes.length) return { fault: "bytes behind the body" };
  return body;
}

function decodeData(
  type: EventType,
  bytes: Uint8Array,
  view: DataView,
  at: number,
  end: number,
): EventData[EventType] | null {
  if (type === "smc.forwarded" || type === "smc.refused") return unpackSmc(type, bytes, view, at, end);
  if (type !== "host.configured") return readJson(type, bytes.subarray(at, end));
  if (end - at < 4) return null;
  const jsonEnd = at + 4 + view.getUint32(at, true);
  if (jsonEnd > end) return null;
  const described = readJson(type, bytes.subarray(at + 4, jsonEnd));
  if (described === null) return null;
  return withTrees(described as unknown as DescribedTrees, bytes.subarray(jsonEnd, end));
}

/** `host.configured` as its JSON has it. */
type DescribedTrees = Omit<HostConfigured, "deviceTree" | "partialTrees"> & {
  readonly partialTrees?: readonly { readonly domain: string; readonly bytes: number }[];
};

/** Puts the trees back; null where there are fewer bytes than the partial ones should have. */
function withTrees(described: DescribedTrees, trees: Uint8Array): HostConfigured | null {
  const { partialTrees = [], ...rest } = described;
  let at = trees.length - partialTrees.reduce((sum, { bytes }) => sum + bytes, 0);
  if (at < 0) return null;
  const deviceTree = trees.slice(0, at);
  if (partialTrees.length === 0) return { ...rest, deviceTree };
  const partial = partialTrees.map(({ domain, bytes }) => {
    at += bytes;
    return { domain, tree: trees.slice(at - bytes, at) };
  });
  return { ...rest, deviceTree, partialTrees: partial };
}

function readJson(type: EventType, bytes: Uint8Array): EventData[EventType] | null {
  const schema = EVENTS[type].data;
  if (schema === null) return null;
  try {
    const parsed = schema.safeParse(JSON.parse(decoder.decode(bytes)));
    return parsed.success ? (parsed.data as EventData[EventType]) : null;
  } catch {
    return null;
  }
}
