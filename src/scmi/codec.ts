import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { type Problem, problem } from "#base/problem.ts";
import {
  type BitField,
  type Field,
  type Fields,
  type ItemField,
  readBits,
  type U32Field,
  type ValueField,
} from "./fields.ts";
import { MESSAGE_TYPE, unpackHeader } from "./header.ts";
import {
  encodeFields,
  type ItemValue,
  type Layout,
  readItems,
  readValue,
  wholeWords,
  widthOf,
} from "./layout.ts";
import { meaningOf, meaningOfItem } from "./meaning.ts";
import { parseParam } from "./params.ts";
import type { Command, Iteration } from "./protocol.ts";
import { commandById, protocolById, sentById } from "./registry.ts";
import { CHANNEL_ERROR, CHANNEL_FREE } from "./shmem.ts";
import { statusName } from "./status.ts";

/** Named members of a decoded message. */
type JsonObject = { [name: string]: Json };

/** A message in words: who it is, and its fields beside. Safe as JSON: 64-bit values are hex strings. */
export type DecodedMessage = {
  readonly protocol: string;
  readonly message: string;
  readonly token: number;
} & { readonly [field: string]: Json };

/**
 * The payload of a request.
 *
 * @param given field name to value, as `parseParam` reads them; a named part of a word may be given by its path
 *   (`attributes.state`). A field that older versions of the protocol do not have may be left out: the request then takes the
 *   older form
 * @returns the bytes, or `scmi-invalid-params` with an issue for every field that is wrong, missing or unknown
 */
export function encodeRequest(
  command: Command,
  given: Readonly<Record<string, unknown>>,
): Uint8Array | Problem {
  const params = withParts(given);
  const layout = layoutOfParams(command, params);
  const issues: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, field] of fieldsAt(command, layout)) {
    const isGiven = Object.hasOwn(params, name);
    const parsed = parseParam(field, isGiven ? params[name] : undefined);
    if ("value" in parsed) values[name] = parsed.value;
    else if (isGiven) issues.push(`${name} is ${shown(params[name])}; it must be ${parsed.allowed}`);
    else issues.push(`${name} is missing; it is ${parsed.allowed}`);
  }
  const known = Object.keys(command.a2p);
  const unknown = Object.keys(params).filter((name) => !known.includes(name));
  for (const name of unknown) {
    issues.push(`${name} is not a field; ${command.name} has ${known.join(", ") || "none"}`);
  }
  return issues.length > 0 ? problem("scmi-invalid-params", { issues }) : encodeFields(layout, values);
}

/** The parameters with those that name a part of a word (`attributes.state`) gathered in an object of the word's parts. */
function withParts(given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const parts = Object.entries(given).filter(([path]) => path.includes("."));
  if (parts.length === 0) return given;
  const params = new Map(Object.entries(given).filter(([path]) => !path.includes(".")));
  for (const [path, value] of parts) {
    const [name = "", part = ""] = path.split(".", 2);
    const before = params.get(name) ?? {};
    // Beside the word as a whole, a part of it stays under its own name, and so is refused.
    if (typeof before === "object") params.set(name, { ...before, [part]: value });
    else params.set(path, value);
  }
  return Object.fromEntries(params);
}

/** The newest layout whose every field is given; else the oldest, whose missing fields are missing in all. */
function layoutOfParams(command: Command, params: Readonly<Record<string, unknown>>): Layout {
  const whole = command.requestLayouts.find((layout) =>
    fieldsAt(command, layout).every(([name]) => Object.hasOwn(params, name)),
  );
  return whole ?? (command.requestLayouts.at(-1) as Layout);
}

/** The fields that a request has in a layout. */
function fieldsAt({ a2p }: Command, layout: Layout): [name: string, field: Field][] {
  return Object.entries(a2p).filter(([, { from = 0 }]) => from <= layout.from);
}

function shown(value: unknown): string {
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value));
}

/**
 * Puts a message into words, whatever its bytes: what is too short is left out, what is too long is in `rest`, and the payload of a
 * message without a table is in `payload`, both as hex. `meaning` names the parts of words that have names.
 *
 * @param header the header word; its message type is not looked at, as firmware does not
 * @param direction `a2p`: a request; `p2a`: an answer, with `status` by name and `statusCode`
 */
export function decodeMessage(header: number, payload: Uint8Array, direction: "a2p" | "p2a"): DecodedMessage {
  return { ...decodeHeader(header), ...decodePayload(header, payload, direction) } as DecodedMessage;
}

/** One message as it lay in a channel. */
interface ChannelMessage {
  readonly header: number;
  readonly payload: Uint8Array;
}

/** What the firmware left in a channel; without the status word, it is taken for an answer. */
interface ChannelAnswer extends ChannelMessage {
  readonly channelStatus?: number;
}

/**
 * Puts a request and its answer into words: `{protocol, message, token, request, response}`.
 *
 * @param response as the channel was left; where the firmware did not answer, the page still holds the request, and `response` is null
 * @returns null where there was no request
 */
export function decodeExchange(request: ChannelMessage | null, response: ChannelAnswer | null): Json {
  if (request === null) return null;
  const answered = response !== null && isAnswer(request, response);
  return {
    ...decodeHeader(request.header),
    request: decodePayload(request.header, request.payload, "a2p"),
    response: answered ? decodePayload(request.header, response.payload, "p2a") : null,
  };
}

/**
 * Puts what the firmware sent by itself into words: `{protocol, message, token, …fields}`, a delayed response with `status` and
 * `statusCode`. The payload of a message that no table has is in `payload`.
 */
export function decodeSent(header: number, payload: Uint8Array): DecodedMessage {
  const { protocolId, messageId, messageType, token } = unpackHeader(header);
  const row = sentById(protocolId, messageType, messageId);
  const protocol = protocolById(protocolId)?.name ?? hexByte(protocolId);
  if (row === undefined) {
    const known = messageType === MESSAGE_TYPE.NOTIFICATION ? undefined : commandById(protocolId, messageId);
    const rest = payload.length === 0 ? {} : { payload: toHex(payload) };
    return { protocol, message: known?.name ?? hexByte(messageId), token, ...rest };
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const fields = fieldsOf(row, layoutOfPayload(row, row.layouts, view), view);
  const named =
    row.kind === "delayed" && typeof fields["status"] === "number"
      ? { ...fields, status: statusName(fields["status"]), statusCode: fields["status"] }
      : fields;
  return { protocol, message: row.name, token, ...named } as DecodedMessage;
}

/** Whether the firmware wrote an answer: it neither set ERROR nor left a message that waits as it was. */
function isAnswer(
  request: ChannelMessage,
  { channelStatus = CHANNEL_FREE, payload }: ChannelAnswer,
): boolean {
  if ((channelStatus & CHANNEL_ERROR) !== 0) return false;
  return (channelStatus & CHANNEL_FREE) !== 0 || toHex(payload) !== toHex(request.payload);
}

function decodeHeader(header: number): JsonObject {
  const { protocolId, messageId, token } = unpackHeader(header);
  return {
    protocol: protocolById(protocolId)?.name ?? hexByte(protocolId),
    message: commandById(protocolId, messageId)?.name ?? hexByte(messageId),
    token,
  };
}

function hexByte(value: number): string {
  return `0x${value.toString(16).padStart(2, "0")}`;
}

function decodePayload(header: number, payload: Uint8Array, direction: "a2p" | "p2a"): JsonObject {
  const { protocolId, messageId } = unpackHeader(header);
  const command = commandById(protocolId, messageId);
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (direction === "a2p") {
    if (command === undefined) return payload.length === 0 ? {} : { payload: toHex(payload) };
    return fieldsOf(command, layoutOfPayload(command, command.requestLayouts, view), view);
  }
  if (payload.length < 4) return payload.length === 0 ? {} : { rest: toHex(payload) };
  const statusCode = view.getInt32(0, true);
  const status = { status: statusName(statusCode), statusCode };
  if (payload.length === 4) return status;
  if (command === undefined) return { ...status, payload: toHex(payload.subarray(4)) };
  const layout = layoutOfPayload(command, command.responseLayouts, view);
  const { status: _, ...fields } = fieldsOf(command, layout, view);
  return { ...status, ...fields };
}

/** What reading a payload needs to know of its message: how many items its list has. */
interface Answering {
  readonly p2a: Fields;
  readonly iteration?: Iteration;
}

/** The layout that a payload's size speaks for: versions of a message differ in size, or in that of their list's items. */
function layoutOfPayload(command: Answering, layouts: readonly Layout[], view: DataView): Layout {
  const fitting = layouts.filter(({ size, list }) =>
    list === null ? view.byteLength === size : view.byteLength >= size,
  );
  const exact = fitting.length > 1 ? fitting.find((layout) => isFilled(command, layout, view)) : undefined;
  return exact ?? fitting[0] ?? (layouts[0] as Layout);
}

/** Whether the items of a layout's list, as many as the message says, end where the payload ends. */
function isFilled(command: Answering, { entries, size, list }: Layout, view: DataView): boolean {
  if (list === null) return true;
  const fields = Object.fromEntries(
    entries.map(({ name, field, offset }) => [name, jsonValue(field, readValue(view, offset, field))]),
  );
  const count = countOf(command, fields);
  const { items, end } = readItems(view, size, list.item, count);
  const isAll = count === Number.POSITIVE_INFINITY || items.length === count;
  return isAll && wholeWords(end) === view.byteLength;
}

/** The fields that a payload has room for; `rest` has the bytes after them, but for the padding of a list. */
function fieldsOf(command: Answering, { entries, size, list }: Layout, view: DataView): JsonObject {
  const fields: JsonObject = {};
  const meaning: JsonObject = {};
  let end = 0;
  for (const { name, field, offset } of entries) {
    if (offset + widthOf(field) > view.byteLength) break;
    end = offset + widthOf(field);
    const value = readValue(view, offset, field);
    fields[name] = jsonValue(field, value);
    const words = field.kind === "u32" ? meaningOf(field, value as number) : null;
    if (words !== null) meaning[name] = words;
  }
  if (list !== null && end === size) {
    const { items, end: itemsEnd } = readItems(view, size, list.item, countOf(command, fields));
    fields[list.name] = items.map((value) => jsonItem(list.item, value));
    const words = items.map((value) => meaningOfItem(list.item, value));
    if (words.some((itemWords) => itemWords !== null)) meaning[list.name] = words;
    end = Math.min(wholeWords(itemsEnd), view.byteLength);
  }
  if (Object.keys(meaning).length > 0) fields["meaning"] = meaning;
  const rest = new Uint8Array(view.buffer, view.byteOffset + end, view.byteLength - end);
  if (rest.length > 0) fields["rest"] = toHex(rest);
  return fields;
}

/** A value as JSON can say it: 64 bits as hex, where they have a sign as decimal. */
function jsonValue({ kind }: ItemField | ValueField, value: number | bigint | string): Json {
  if (typeof value !== "bigint") return value;
  return kind === "i64" ? String(value) : `0x${value.toString(16)}`;
}

function jsonItem(item: ItemField, value: ItemValue): Json {
  if (item.kind !== "record" || typeof value !== "object") return jsonValue(item, value as number | bigint);
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [name, jsonValue(item.fields[name] as ValueField, part)]),
  );
}

/** How many items an answer says that it returns: the rest of the last word is padding. */
function countOf(command: Answering, fields: JsonObject): number {
  return command.iteration === undefined
    ? Number.POSITIVE_INFINITY
    : readPart(command.p2a, command.iteration.returned, fields);
}

/** A field of a message, or a part of one: `numRatesFlags.returned`. */
function readPart(table: Fields, path: string, fields: JsonObject): number {
  const [name = "", part] = path.split(".");
  const value = fields[name] as number;
  const field = table[name] as U32Field;
  return part === undefined ? value : readBits(value, field.bits?.[part] as BitField);
}
