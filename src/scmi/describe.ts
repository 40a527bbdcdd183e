import type { Json } from "#base/canonical-json.ts";
import type { Field, Fields, U32Field } from "./fields.ts";
import type { Command, SentMessage } from "./protocol.ts";
import { quantityText } from "./quantity.ts";
import { commandsOf, PROTOCOLS } from "./registry.ts";

/**
 * Messages in a line for a person: `CLOCK_RATE_SET clock 5 "gpu" 400 MHz round-up → DENIED: device gpu is not granted to agent 2`.
 * They are made from what the codec decoded, so that nothing is decoded twice.
 */

/** What a board knows of the ids in messages. */
export interface Names {
  /** The name of what a field's id names, or undefined. */
  of(protocol: string, field: string, id: number): string | undefined;
  /** Why a request was DENIED, where the board says enough for that. */
  denial(caller: number, protocol: string, message: string, request: Decoded): string | undefined;
}

/** Nobody knows any name. */
export const NO_NAMES: Names = { of: () => undefined, denial: () => undefined };

/** Fields of a decoded message. */
export type Decoded = { readonly [field: string]: Json | undefined };

/** A request and its answer, as `decodeExchange` has them. */
export interface DecodedExchange {
  readonly protocol: string;
  readonly message: string;
  readonly request: Decoded;
  readonly response: Decoded | null;
}

/** Characters of an answer that are told; the rest is what the decoded message is for. */
const ANSWER_CHARACTERS = 160;

/**
 * A request and its answer on one line.
 *
 * @param caller the agent that the firmware took the caller for, or null
 */
export function describeExchange(
  { protocol, message, request, response }: DecodedExchange,
  caller: number | null,
  names: Names,
): string {
  const command = commandNamed(protocol, message);
  const asked = describeRequest({ protocol, message, request }, names);
  return `${asked} → ${answerText(command, { protocol, message, request, response }, caller, names)}`;
}

/** A request on one line. */
export function describeRequest(
  { protocol, message, request }: Omit<DecodedExchange, "response">,
  names: Names,
): string {
  const command = commandNamed(protocol, message);
  const phrases = phrasesOf(command?.a2p ?? {}, request, { protocol, names, command });
  // Some names are those of every protocol.
  const isOwn = command !== undefined && !/^(PROTOCOL|NEGOTIATE)_/.test(message);
  return [isOwn ? message : `${protocol} ${message}`, ...phrases].join(" ");
}

function answerText(
  command: Command | undefined,
  { protocol, message, request, response }: DecodedExchange,
  caller: number | null,
  names: Names,
): string {
  if (response === null) return "no answer";
  const { status, ...rest } = response;
  if (status === undefined) return "no answer";
  if (status === "DENIED" && caller !== null) {
    const why = names.denial(caller, protocol, message, request);
    return why === undefined ? "DENIED" : `DENIED: ${why}`;
  }
  if (status !== "SUCCESS") return String(status);
  const phrases = phrasesOf(command?.p2a ?? {}, rest, { protocol, names, command });
  return phrases.length === 0 ? "SUCCESS" : `SUCCESS: ${shortened(phrases.join(" "))}`;
}

/** What the firmware sent by itself, as `decodeSent` has it, on one line. */
export function describeSent(decoded: Decoded, names: Names): string {
  const { protocol, message, status, statusCode: _, token: __, ...fields } = decoded;
  const row = sentNamed(String(protocol), String(message));
  const { agentId, ...others } = fields;
  const phrases = phrasesOf(row?.p2a ?? {}, others, {
    protocol: String(protocol),
    names,
    command: undefined,
  });
  const by = typeof agentId === "number" && agentId !== 0 ? [`by agent ${agentId}`] : [];
  const name = row?.name ?? `${protocol} ${message}`;
  const result = status === undefined ? "" : ` → ${status}`;
  return shortened([name, ...phrases, ...by].join(" ")) + result;
}

function shortened(text: string): string {
  return text.length > ANSWER_CHARACTERS ? `${text.slice(0, ANSWER_CHARACTERS)} …` : text;
}

const COMMANDS = new Map(
  PROTOCOLS.flatMap((table) => commandsOf(table).map((row) => [`${table.name} ${row.name}`, row] as const)),
);
const SENT = new Map(
  PROTOCOLS.flatMap((table) =>
    Object.values(table.sent).map((row) => [`${table.name} ${row.name}`, row] as const),
  ),
);

function commandNamed(protocol: string, message: string): Command | undefined {
  return COMMANDS.get(`${protocol} ${message}`);
}

function sentNamed(protocol: string, message: string): SentMessage | undefined {
  return SENT.get(`${protocol} ${message}`);
}

interface Told {
  readonly protocol: string;
  readonly names: Names;
  readonly command: Command | undefined;
}

function phrasesOf(fields: Fields, decoded: Decoded, told: Told): string[] {
  const meaning = (decoded["meaning"] ?? {}) as Decoded;
  const phrases: string[] = [];
  for (const [name, field] of inOrder(fields, told)) {
    const value = decoded[name];
    const words = meaning[name];
    const phrase =
      value === undefined && words === undefined ? null : phraseOf(name, field, value, words, told);
    if (phrase !== null) phrases.push(phrase);
  }
  const bytes = [decoded["rest"], decoded["payload"]].filter((hex) => typeof hex === "string");
  // A name that the board told with the id is not told again.
  const isTold = (phrase: string) => phrases.some((other) => other.endsWith(` ${phrase}`));
  const once = phrases.filter((phrase) => !phrase.startsWith('"') || !isTold(phrase));
  return [...once, ...bytes.map((hex) => `and ${hex.length / 2} bytes`)];
}

const ORDERED = new WeakMap<Fields, readonly (readonly [name: string, field: Field])[]>();

/** A message's fields as they are told: sorted once, for there is a line for every event. */
function inOrder(fields: Fields, told: Told): readonly (readonly [name: string, field: Field])[] {
  let ordered = ORDERED.get(fields);
  if (ordered === undefined) {
    ordered = Object.entries(fields).sort(([a], [b]) => rank(a, told) - rank(b, told));
    ORDERED.set(fields, ordered);
  }
  return ordered;
}

/** What it is about comes first, how it is to be done last; what remains of a list comes behind the list. */
function rank(name: string, { command }: Told): number {
  if (name === command?.iteration?.returned.split(".")[0]) return 3;
  return isId(name) ? 0 : name === "flags" ? 2 : 1;
}

/** Fields that need no name beside their unit. */
const SPEAK_FOR_THEMSELVES: ReadonlySet<string> = new Set(["rate", "voltageLevel", "interval", "latency"]);

/** Fields of which 0 says nothing. */
const SILENT_AT_ZERO = /^(attributes|flags|extendedConfigVal|timeout)$|(address|addr|len|size|delay|mask)$/i;

/** One field; null where there is nothing to say. */
function phraseOf(
  name: string,
  field: Field,
  value: Json | undefined,
  words: Json | undefined,
  told: Told,
): string | null {
  const { iteration } = told.command ?? {};
  if (SILENT_AT_ZERO.test(name) && isZero(value) && (words ?? null) === null) return null;
  if (name === iteration?.index) return value === 0 ? null : `from ${String(value)}`;
  if (field.kind === "list") return listText(name, field, value, told);
  if (name === "messageId") return messageText(value, told);
  if (name === "commandId") return `protocol ${protocolText(value ?? null)}`;
  if (isId(name) && typeof value === "number" && typeof words !== "string") {
    const known = told.names.of(told.protocol, name, value);
    return `${spaced(name.replace(/Id$/, ""))} ${value}${known === undefined ? "" : ` ${JSON.stringify(known)}`}`;
  }
  if (typeof words === "string") return isId(name) ? `${spaced(name.replace(/Id$/, ""))} ${words}` : words;
  if (typeof words === "object" && words !== null) {
    const isCounted = name === iteration?.returned.split(".")[0];
    return partsText(words as Decoded, field as U32Field, isCounted ? iteration : undefined);
  }
  if (name === iteration?.returned) return null;
  if (field.unit !== undefined) {
    const quantity = quantityText(toNumber(value), field.unit);
    return SPEAK_FOR_THEMSELVES.has(name) ? quantity : `${spaced(name)} ${quantity}`;
  }
  if (field.kind === "name") return value === "" ? null : JSON.stringify(value);
  return `${spaced(name)} ${String(value)}`;
}

function isId(name: string): boolean {
  return /Id$|^identifier$/.test(name);
}

function isZero(value: Json | undefined): boolean {
  return value === 0 || value === "0x0";
}

/** 64-bit values come as text. */
function toNumber(value: Json | undefined): number | bigint {
  return typeof value === "string" ? BigInt(value) : Number(value ?? 0);
}

function messageText(value: Json | undefined, { protocol }: Told): string {
  const table = PROTOCOLS.find(({ name }) => name === protocol);
  const known = table && commandsOf(table).find(({ id }) => id === value);
  return `of ${known?.name ?? `0x${Number(value).toString(16)}`}`;
}

/** Items that are told one by one; of longer lists, how many they are. */
const ITEMS_TOLD = 4;

function listText(name: string, { unit }: Field, value: Json | undefined, { protocol }: Told): string | null {
  const items = (value ?? []) as readonly Json[];
  if (items.length > 0 && items.length <= ITEMS_TOLD) {
    if (unit !== undefined) return items.map((item) => quantityText(toNumber(item), unit)).join(", ");
    if (name === "readings") return items.map((item) => String((item as Decoded)["value"])).join(", ");
  }
  if (protocol === "base" && name === "protocols")
    return items.length === 0 ? "none" : items.map(protocolText).join(", ");
  return items.length === 1 ? `1 ${spaced(name).replace(/s$/, "")}` : `${items.length} ${spaced(name)}`;
}

function protocolText(id: Json): string {
  return PROTOCOLS.find(({ protocolId }) => protocolId === id)?.name ?? `0x${Number(id).toString(16)}`;
}

/** For a part that is known, and not worth a word. */
const SILENCE = "";

/** How parts of words read that would not by their names alone. */
const PARTS: { readonly [part: string]: ((value: Json) => string) | undefined } = {
  allow: (value) => (value === true ? "allow" : "deny"),
  enable: (value) => (value === true ? "on" : "off"),
  enabled: (value) => (value === true ? "enabled" : "disabled"),
  // To round down is what is asked for where nothing is.
  rounding: (value) => (value === "DOWN" ? SILENCE : `round-${String(value).toLowerCase()}`),
  state: (value) => (typeof value === "string" ? value : `state ${String(value)}`),
};

function partsText(
  parts: Decoded,
  { bits = {} }: U32Field,
  counted: Command["iteration"] | undefined,
): string | null {
  const { major, minor } = parts;
  if (major !== undefined && minor !== undefined) return `version ${String(major)}.${String(minor)}`;
  const phrases = Object.keys(bits).flatMap((part) => {
    const value = parts[part];
    if (value === undefined || counted?.returned.endsWith(`.${part}`)) return [];
    if (counted?.remaining?.endsWith(`.${part}`)) return value === 0 ? [] : [`and ${String(value)} more`];
    const phrase = PARTS[part]?.(value) ?? partText(part, value);
    return phrase === null || phrase === SILENCE ? [] : [phrase];
  });
  return phrases.length === 0 ? null : phrases.join(" ");
}

function partText(part: string, value: Json): string | null {
  if (value === false || value === 0 || value === "NONE") return null;
  return value === true ? spaced(part).replaceAll(" ", "-") : `${spaced(part)} ${String(value)}`;
}

/** `noDelayedResponse` in words. */
function spaced(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
