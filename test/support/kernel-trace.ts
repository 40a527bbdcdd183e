import { isProblem } from "#base/problem.ts";
import type { HostDescription } from "#config/board/board.ts";
import type { ScmiResult } from "#machine/commands/results.ts";
import { PlayedHost } from "#traces/compare/played-host.ts";

/** Forms in which kernels print their trace events. */
export type PrintedForm = "tp_printk" | "trace" | "trace-with-ids" | "inflight";
export const PRINTED_FORMS: readonly PrintedForm[] = ["tp_printk", "trace", "trace-with-ids", "inflight"];

/** A command as an agent's kernel sent it, and its answer. */
interface Exchange {
  readonly protocol: number;
  readonly message: number;
  readonly request: string;
  readonly status: number;
  readonly payload: string;
}

/**
 * The trace of a kernel that starts on a board and uses what it finds: made by the model, so that every board has one, in any form that
 * kernels print. It asks as Linux does: the base protocol first, then each protocol's resources.
 */
export function kernelTrace(
  host: HostDescription,
  agentId: number,
  form: PrintedForm,
  more: readonly (readonly [protocol: number, message: number, request: string])[] = [],
): string {
  const played = PlayedHost.of(host, []);
  if (isProblem(played)) throw new Error(played.detail);
  const domain = played.domainOf(agentId);
  if (isProblem(domain)) throw new Error(domain.detail);
  const exchanges: Exchange[] = [];
  const ask = (protocol: number, message: number, request: string): string => {
    const { result } = played.execute({
      kind: "scmi",
      domain,
      call: { protocol, message, payload: request },
    });
    if (isProblem(result)) throw new Error(result.detail);
    const { statusCode, payload } = result as ScmiResult;
    exchanges.push({ protocol, message, request, status: statusCode ?? -1, payload: payload.slice(8) });
    return statusCode === 0 ? payload.slice(8) : "";
  };
  probe(ask);
  for (const [protocol, message, request] of more) ask(protocol, message, request);
  return exchanges.map((exchange, i) => printed(exchange, i + 1, form)).join("");
}

type Ask = (protocol: number, message: number, request: string) => string;

function probe(ask: Ask): void {
  for (const message of [0, 1, 3, 4, 5]) ask(0x10, message, "");
  const listed = ask(0x10, 6, word(0));
  const protocols = bytesOf(listed.slice(8)).slice(0, wordAt(listed, 0));
  for (let id = 0; id < ((wordAt(ask(0x10, 1, ""), 0) >>> 8) & 0xff); id += 1) ask(0x10, 7, word(id));
  for (const protocol of protocols) {
    ask(protocol, 0, "");
    const count = wordAt(ask(protocol, 1, ""), 0) & 0xffff;
    for (let id = 0; id < count; id += 1) PROBES[protocol]?.(ask, id);
  }
}

/** What a kernel asks of each resource, by protocol. */
const PROBES: Readonly<Record<number, (ask: Ask, id: number) => void>> = {
  17: (ask, id) => {
    ask(0x11, 3, word(id));
    ask(0x11, 5, word(id));
  },
  19: (ask, id) => {
    for (const message of [3, 6, 8]) ask(0x13, message, word(id));
    pieces(ask, 0x13, 4, id);
  },
  20: (ask, id) => {
    ask(0x14, 3, word(id));
    pieces(ask, 0x14, 4, id);
    ask(0x14, 6, word(id));
  },
  21: (ask, id) => {
    ask(0x15, 3, word(id));
    ask(0x15, 6, word(id) + word(0));
  },
  22: (ask, id) => {
    ask(0x16, 3, word(id));
  },
  23: (ask, id) => {
    for (const message of [3, 6, 8]) ask(0x17, message, word(id));
    pieces(ask, 0x17, 4, id);
  },
};

/** Asks for a list, piece by piece. */
function pieces(ask: Ask, protocol: number, message: number, id: number): void {
  for (let at = 0; ; ) {
    const counts = wordAt(ask(protocol, message, word(id) + word(at)), 0);
    at += counts & 0xfff;
    if (counts >>> 16 === 0 || (counts & 0xfff) === 0) return;
  }
}

/** A command's lines, as this form has them. */
function printed(
  { protocol, message, request, status, payload }: Exchange,
  n: number,
  form: PrintedForm,
): string {
  const key = `pt=${hex(protocol, 2)} msg_id=${hex(message, 2)} seq=${hex(n % 1024, 4)}`;
  const transfer = `${key} transfer_id=${n.toString(16).toUpperCase()}`;
  const inflight = form === "inflight" ? " inflight=1" : "";
  const ids = form === "tp_printk" || form === "trace" ? "" : `id=0 ch=10 `;
  const dump = (tag: string, s: number, bytes: string) =>
    `scmi_msg_dump: ${ids}pt=${hex(protocol, 2)} t=${tag} ${key.slice(6)} s=${s} pyld=${bytes}`;
  const errno = status === 0 ? 0 : -5;
  const events = [
    `scmi_xfer_begin: ${transfer} poll=1${inflight}`,
    dump("CMND", 0, request),
    `scmi_xfer_response_wait: ${transfer} tmo_ms=30 poll=1`,
    dump("RESP", status, payload),
    `scmi_xfer_end: ${transfer} s=${errno}${inflight}`,
  ];
  return events
    .map((event, i) => {
      const time = `${(n / 100 + i / 100_000).toFixed(6)}`;
      return form === "tp_printk"
        ? `[${time.padStart(12)}] ${event}\n`
        : `     kworker/u8:1-31      [00${n % 4}] d..2. ${time.padStart(12)}: ${event}\n`;
    })
    .join("");
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}

/** A little-endian word in hex. */
export function word(value: number): string {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return Buffer.from(bytes).toString("hex");
}

function bytesOf(payload: string): number[] {
  return [...Buffer.from(payload, "hex")];
}

function wordAt(payload: string, index: number): number {
  const bytes = Buffer.from(payload.slice(8 * index, 8 * index + 8).padEnd(8, "0"), "hex");
  return bytes.readUInt32LE(0);
}
