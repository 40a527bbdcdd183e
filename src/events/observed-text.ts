import type { Json } from "#base/canonical-json.ts";
import { fromHex } from "#base/hex.ts";
import { decodeExchange, decodeMessage, decodeSent } from "#scmi/codec.ts";
import {
  type Decoded,
  type DecodedExchange,
  describeExchange,
  describeRequest,
  describeSent,
  type Names,
  NO_NAMES,
} from "#scmi/describe.ts";
import { MESSAGE_TYPE, packHeader } from "#scmi/header.ts";
import type { ScmiObserved, TraceImported, XenObserved } from "./observed.ts";

/** What was observed of SCMI as JSON shows it: with the messages decoded. */
export function observedJson(data: ScmiObserved): Json {
  return { ...data, decoded: decodedOf(data) };
}

function decodedOf(data: ScmiObserved): Json {
  const { kind, protocolId, messageId, token, request } = data;
  const type =
    kind === "notification"
      ? MESSAGE_TYPE.NOTIFICATION
      : kind === "delayed"
        ? MESSAGE_TYPE.DELAYED_RESPONSE
        : MESSAGE_TYPE.COMMAND;
  const header = packHeader(protocolId, messageId, token, type);
  const answer = answerOf(data);
  if (kind !== "exchange") return decodeSent(header, answer ?? NOTHING);
  const response = answer && { header, payload: answer };
  if (request !== null) return decodeExchange({ header, payload: fromHex(request) ?? NOTHING }, response);
  return response && decodeMessage(header, response.payload, "p2a");
}

const NOTHING = new Uint8Array(0);

/** A response's payload as it lay in the channel: Linux prints its status apart. A notification has none. */
function answerOf({ kind, status, response }: ScmiObserved): Uint8Array | null {
  const payload = response === null ? null : fromHex(response);
  if (payload === null || kind === "notification" || status === null) return payload;
  const whole = new Uint8Array(4 + payload.length);
  new DataView(whole.buffer).setInt32(0, status, true);
  whole.set(payload, 4);
  return whole;
}

/** What was observed of SCMI on one line. */
export function observedText(data: ScmiObserved, decoded: Json, names: Names): string {
  const { kind, outcome, request, status, errno } = data;
  if (kind === "rejected") return `observed: Linux did not take ${messageText(decoded)}, reason ${status}`;
  if (kind !== "exchange") return `observed: ${describeSent(decoded as Decoded, names)}`;
  const how =
    outcome === "answered" ? "" : `, ${outcome}${errno === null || errno === 0 ? "" : ` (${errno})`}`;
  if (request !== null)
    return `observed: ${describeExchange(decoded as unknown as DecodedExchange, null, names)}${how}`;
  const what = decoded === null ? "a command" : messageText(decoded);
  return `observed: ${what}, its request is not in the trace${status === null ? "" : `, status ${status}`}${how}`;
}

/** A command in words, each part by itself. */
export interface Told {
  readonly message: string;
  readonly request: string;
  readonly answer: string;
}

/** Puts a command into words whose request the trace has. */
export function observedAnswer(data: ScmiObserved): Told {
  const decoded = decodedOf(data) as unknown as DecodedExchange;
  const request = describeRequest(decoded, NO_NAMES);
  const whole = describeExchange(decoded, null, NO_NAMES);
  return {
    message: messageText(decoded as unknown as Json),
    request,
    answer: whole.slice(request.length + 3),
  };
}

/** Puts into words what the firmware sent by itself. */
export function observedSent(data: ScmiObserved): Told {
  const decoded = decodedOf(data);
  return { message: messageText(decoded), request: "", answer: describeSent(decoded as Decoded, NO_NAMES) };
}

function messageText(decoded: Json): string {
  const { protocol, message } = decoded as Decoded;
  return `${protocol} ${message}`;
}

/** That a trace was read, on one line. */
export function traceText({ source, file, lines, counts }: TraceImported): string {
  const told = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  return `${source} ${file}: ${lines} lines${told.length === 0 ? "" : `, ${told.join(", ")}`}`;
}

/** What Xen said, on one line. */
export function xenText({ text }: XenObserved): string {
  return `observed: Xen said ${JSON.stringify(text)}`;
}
