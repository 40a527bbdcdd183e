import { fromHex, toHex } from "#base/hex.ts";
import { unpackHeader } from "#scmi/header.ts";
import { PIN_CONTROL } from "#scmi/protocols/pin-control.ts";
import type { Draft } from "../../draft.ts";

/** Bytes of the one buffer into which imx copies every message: a header and 100 bytes of payload. */
const BUFFER_BYTES = 104;

/** A message as a page holds it; the length word may be below 4. */
interface Arrived {
  readonly length: number;
  readonly header: number;
  readonly payload: Uint8Array;
}

/**
 * The message as imx sees it when it makes its mistakes: copied into one buffer that all agents share, of which what the copy does
 * not cover is from messages before.
 *
 * @param arrived at most {@link BUFFER_BYTES} long
 * @returns the header, which a message below 4 bytes has from the one before, changed in its first bytes; and the payload, which
 *   for the one command that tells sizes wrong is a word longer than it came
 */
export function received(draft: Draft, arrived: Arrived): { header: number; payload: Uint8Array } {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const kept = draft.get("received", 0, "bytes");
  if (kept !== undefined) buffer.set(fromHex(kept) ?? []);
  const { length, payload } = arrived;
  for (let i = 0; i < Math.min(length, 4); i += 1) buffer[i] = (arrived.header >>> (8 * i)) & 0xff;
  buffer.set(payload, 4);
  draft.set("received", 0, "bytes", toHex(buffer));
  const header = new DataView(buffer.buffer).getUint32(0, true);
  return { header, payload: isMeasuredWrong(header) ? buffer.slice(4, 4 + payload.length + 4) : payload };
}

/** Whether a message is PINCTRL_SETTINGS_CONFIGURE, by either of the ids by which its protocol goes. */
function isMeasuredWrong(header: number): boolean {
  const { protocolId, messageId } = unpackHeader(header);
  const isPinControl = (protocolId & 0x7f) === PIN_CONTROL.protocolId;
  return isPinControl && messageId === PIN_CONTROL.commands.PINCTRL_SETTINGS_CONFIGURE.id;
}
