import type { Prefix } from "./prefix.ts";
import type { DumpKind, FtraceFormat, FtraceRecord, MessageKey, RecordPlace } from "./records.ts";

/**
 * The texts of Linux' trace system `scmi`, in every format that a kernel has printed: numbers are decimal in the first (A), and
 * hexadecimal without a prefix in the later ones for protocol, message, sequence number, transfer and channel.
 *
 * @see Linux, include/trace/events/scmi.h
 */

/** What later kernels may put behind: named values that nobody here needs. */
const MORE = String.raw`((?: [a-z_]{1,24}[=:][-\w.:]{0,64}){0,8})\s*$`;
const D = String.raw`(-?\d{1,10})`;
const H = "([0-9A-Fa-f]{1,8})";
const OLD_KEY = `transfer_id=${D} msg_id=${D} protocol_id=${D} seq=${D}`;
const KEY = `pt=${H} msg_id=${H} seq=${H} transfer_id=${H}`;

const OLD = {
  scmi_xfer_begin: new RegExp(`^${OLD_KEY} poll=${D}${MORE}`),
  scmi_xfer_response_wait: new RegExp(`^${OLD_KEY} tmo_ms=${D} poll=${D}${MORE}`),
  scmi_xfer_end: new RegExp(`^${OLD_KEY} status=${D}${MORE}`),
  scmi_rx_done: new RegExp(`^${OLD_KEY} msg_type=${D}${MORE}`),
} as const;
const NEW = {
  scmi_xfer_begin: new RegExp(`^${KEY} poll=${D}${MORE}`),
  scmi_xfer_response_wait: new RegExp(`^${KEY} tmo_ms=${D} poll=${D}${MORE}`),
  scmi_xfer_end: new RegExp(`^${KEY} s=${D}${MORE}`),
  scmi_rx_done: new RegExp(`^${KEY} msg_type=${D}${MORE}`),
} as const;
const DUMP = new RegExp(
  `^(?:id=${D} ch=${H} )?pt=${H} t=(!?[A-Za-z]{3,4}) msg_id=${H} seq=${H} s=${D} pyld=([0-9A-Fa-f]*)${MORE}`,
);
const FAST_CHANNEL = new RegExp(
  String.raw`^pt=${H} msg_id=${H} res_id:(\d{1,10}) vals=(\d{1,10}):(\d{1,10})${MORE}`,
);
const FAST_CHANNEL_FIRST =
  /^\[0x([0-9A-Fa-f]{1,2})\]:\[0x([0-9A-Fa-f]{1,2})\]:\[([0-9A-Fa-f]{1,8})\]:(\d{1,10}):(\d{1,10})\s*$/;

/** Tags by their letters; the buffer of older kernels cut `!RESP` to `!RES`. */
const TAGS: Readonly<Record<string, DumpKind>> = {
  CMND: "command",
  RESP: "response",
  DLYD: "delayed",
  NOTI: "notification",
};

/** Names of the events that are read. */
export const EVENT_NAMES = [...Object.keys(OLD), "scmi_msg_dump", "scmi_fc_call"] as const;

/** Reads what follows an event's name and colon; null: no kernel prints that. */
export function readEvent(
  name: string,
  body: string,
  where: Prefix & { readonly line: number },
): FtraceRecord | null {
  const text = body.trimStart();
  if (name === "scmi_msg_dump") return readDump(text, where);
  if (name === "scmi_fc_call") return readFastChannel(text, where);
  return readTransfer(name as keyof typeof OLD, text, where);
}

type Where = Prefix & { readonly line: number };

function readTransfer(name: keyof typeof OLD, text: string, where: Where): FtraceRecord | null {
  const isOld = !text.startsWith("pt=");
  const found = (isOld ? OLD : NEW)[name].exec(text);
  if (found === null) return null;
  const [, a = "", b = "", c = "", d = "", ...values] = found;
  const more = values.at(-1) ?? "";
  const [first = 0, second = 0] = values.slice(0, -1).map(Number);
  const inflight = /\binflight=(-?\d+)/.exec(more)?.[1];
  const format: FtraceFormat = isOld ? "A" : inflight === undefined ? "B" : "E";
  const transferId = isOld ? Number(a) : Number.parseInt(a === "" ? "0" : d, 16) | 0;
  const key = isOld ? keyOf(Number(c), Number(b), Number(d)) : keyOf(hex(a), hex(b), hex(c));
  if (key === null) return null;
  const common = { ...place(where, format), ...key, transferId };
  const under = inflight === undefined ? null : Number(inflight);
  switch (name) {
    case "scmi_xfer_begin":
      return { event: "begin", ...common, poll: first !== 0, inflight: under };
    case "scmi_xfer_response_wait":
      return { event: "wait", ...common, timeoutMs: first, poll: second !== 0 };
    case "scmi_xfer_end":
      return { event: "end", ...common, errno: first, inflight: under };
    case "scmi_rx_done":
      return { event: "rx-done", ...common, messageType: first };
  }
}

function readDump(text: string, where: Where): FtraceRecord | null {
  const found = DUMP.exec(text);
  if (found === null) return null;
  const [, id, ch, pt = "", tag = "", messageId = "", token = "", status = "", payload = ""] = found;
  const kind = tag.startsWith("!") ? "rejected" : TAGS[tag.toUpperCase()];
  const key = keyOf(hex(pt), hex(messageId), hex(token));
  // Half a byte: the line was cut.
  if (kind === undefined || key === null || payload.length % 2 !== 0) return null;
  return {
    event: "dump",
    ...place(where, id === undefined ? "B" : "C"),
    ...key,
    kind,
    tag,
    instance: id === undefined ? null : Number(id),
    channel: ch === undefined ? null : hex(ch),
    status: Number(status),
    payload: payload.toLowerCase(),
  };
}

function readFastChannel(text: string, where: Where): FtraceRecord | null {
  const found = FAST_CHANNEL.exec(text);
  const first = found === null ? FAST_CHANNEL_FIRST.exec(text) : null;
  const [, pt = "", messageId = "", resource = "", one = "", two = ""] = found ?? first ?? [];
  const key = keyOf(hex(pt), hex(messageId), 0);
  if ((found === null && first === null) || key === null) return null;
  const resourceId = found === null ? hex(resource) : Number(resource);
  const { protocolId } = key;
  const values = [Number(one), Number(two)] as const;
  return {
    event: "fast-channel",
    ...place(where, "B"),
    protocolId,
    messageId: key.messageId,
    resourceId,
    values,
  };
}

function hex(digits: string): number {
  return Number.parseInt(digits, 16);
}

/** The message that is meant; null where a number is larger than its field. */
function keyOf(protocolId: number, messageId: number, token: number): MessageKey | null {
  const fits = within(protocolId, 0xff) && within(messageId, 0xff) && within(token, 0xffff);
  return fits ? { protocolId, messageId, token } : null;
}

function within(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}

function place({ line, timeUs, cpu, task }: Where, format: FtraceFormat): RecordPlace {
  return { line, timeUs, cpu, task, format };
}
