import type { Json } from "#base/canonical-json.ts";
import { toHex } from "#base/hex.ts";
import { type Problem, problem } from "#base/problem.ts";
import { type BitField, type Fields, readBits, type U32Field } from "./fields.ts";
import { unpackHeader } from "./header.ts";
import { encodePadded, type Layout, readItems, readValue, wholeWords, widthOf } from "./layout.ts";
import { parseParam } from "./params.ts";
import type { Command } from "./protocol.ts";
import { commandById, protocolById } from "./registry.ts";
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
 * @param params field name to value, as `parseParam` reads them. A field that older versions of the protocol do not have may
 *   be left out: the request then takes the older form
 * @returns the bytes, or `scmi-invalid-params` with an issue for every field that is wrong, missing or unknown
 */
export function encodeRequest(
  command: Command,
  params: Readonly<Record<string, unknown>>,
): Uint8Array | Problem {
  const layout = layoutOfParams(command.requestLayouts, params);
  const issues: string[] = [];
  const values: Record<string, unknown> = {};
  for (const { name, field } of layout.entries) {
    const parsed = parseParam(field, Object.hasOwn(params, name) ? params[name] : undefined);
    if ("value" in parsed) values[name] = parsed.value;
    else if (Object.hasOwn(params, name))
      issues.push(`${name} is ${shown(params[name])}; it must be ${parsed.allowed}`);
    else issues.push(`${name} is missing; it is ${parsed.allowed}`);
  }
  const known = Object.keys(command.a2p);
  for (const name of Object.keys(params)) {
    if (!known.includes(name))
      issues.push(`${name} is not a field; ${command.name} has ${known.join(", ") || "none"}`);
  }
  return issues.length > 0 ? problem("scmi-invalid-params", { issues }) : encodePadded(layout, values);
}

/** The newest layout whose every field is given; else the oldest, whose missing fields are missing in all. */
function layoutOfParams(layouts: readonly Layout[], params: Readonly<Record<string, unknown>>): Layout {
  const whole = layouts.find((layout) => layout.entries.every(({ name }) => Object.hasOwn(params, name)));
  return whole ?? (layouts.at(-1) as Layout);
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
    return decodeFields(command, layoutOfPayload(command.requestLayouts, payload), view);
  }
  if (payload.length < 4) return payload.length === 0 ? {} : { rest: toHex(payload) };
  const statusCode = view.getInt32(0, true);
  const status = { status: statusName(statusCode), statusCode };
  if (payload.length === 4) return status;
  if (command === undefined) return { ...status, payload: toHex(payload.subarray(4)) };
  const { status: _, ...fields } = decodeFields(
    command,
    layoutOfPayload(command.responseLayouts, payload),
    view,
  );
  return { ...status, ...fields };
}

/** The layout that a payload's size speaks for: versions of a message differ in size. */
function layoutOfPayload(layouts: readonly Layout[], payload: Uint8Array): Layout {
  const fitting = layouts.find(({ size, item }) =>
    item === null ? payload.length === size : payload.length >= size,
  );
  return fitting ?? (layouts[0] as Layout);
}

function decodeFields(command: Command, layout: Layout, view: DataView): JsonObject {
  const fields: JsonObject = {};
  const meaning: JsonObject = {};
  let end = 0;
  for (const { name, field, offset } of layout.entries) {
    if (field.kind === "list") {
      if (offset > view.byteLength) break;
      const items = readItems(view, offset, field.item, countOf(command, fields));
      fields[name] = items.map(jsonValue);
      end = Math.min(wholeWords(offset + items.length * widthOf(field.item)), view.byteLength);
      continue;
    }
    if (offset + widthOf(field) > view.byteLength) break;
    end = offset + widthOf(field);
    const value = readValue(view, offset, field);
    fields[name] = jsonValue(value);
    if (field.kind === "u32") {
      const words = meaningOf(field, value as number);
      if (words !== null) meaning[name] = words;
    }
  }
  if (Object.keys(meaning).length > 0) fields["meaning"] = meaning;
  if (end < view.byteLength)
    fields["rest"] = toHex(new Uint8Array(view.buffer, view.byteOffset + end, view.byteLength - end));
  return fields;
}

function jsonValue(value: number | bigint | string): Json {
  return typeof value === "bigint" ? `0x${value.toString(16)}` : value;
}

/** How many items an answer says that it returns: the rest of the last word is padding. */
function countOf(command: Command, fields: JsonObject): number {
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

/** A word in words: the name of its value, or the parts that it has names for; null where there is nothing to add. */
function meaningOf(field: U32Field, value: number): Json {
  const name = nameOf(field.values, value);
  if (name !== undefined) return name;
  const parts = Object.entries(field.bits ?? {});
  return parts.length === 0
    ? null
    : Object.fromEntries(parts.map(([part, bits]) => [part, meaningOfPart(bits, value)]));
}

function meaningOfPart(bits: BitField, word: number): Json {
  const value = readBits(word, bits);
  if (bits.width === 1) return value === 1;
  return nameOf(bits.values, value) ?? value;
}

function nameOf(values: Readonly<Record<string, number>> | undefined, value: number): string | undefined {
  return Object.entries(values ?? {}).find(([, named]) => named === value)?.[0];
}
