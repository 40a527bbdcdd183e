import { toHex } from "#base/hex.ts";
import type { Deciding } from "./context.ts";

/**
 * The uuid of a domain that was asked for without one: made from the host, the command and the domain's name, so that the same
 * log gives the same uuid on any machine (RFC 9562 version 8).
 */
export function deriveUuid({ host, stamp, hash }: Deciding, name: string): string {
  const bytes = hash(`uuid/${host.board.name}/${stamp.commandId}/${name}`).slice(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
