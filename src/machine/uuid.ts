import { byteTextToHex } from "#base/hex.ts";
import type { Deciding } from "./context.ts";

/**
 * The uuid of a domain that was asked for without one: made from the host, the command and the domain's name, so that the same
 * log gives the same uuid on any machine (RFC 9562 version 8).
 */
export function deriveUuid({ host, stamp, hash }: Deciding, name: string): string {
  const hex = byteTextToHex(hash(`uuid/${host.board.name}/${stamp.commandId}/${name}`)).slice(0, 32);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ];
  return parts.join("-");
}
