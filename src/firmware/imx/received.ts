import { fromHex, toHex } from "#base/hex.ts";
import type { Draft } from "../draft.ts";

/** Bytes of the one buffer into which imx copies every message: a header and 100 bytes of payload. */
const BUFFER_BYTES = 104;

/** A message as a page holds it; the length word may be below 4. */
interface Arrived {
  readonly length: number;
  readonly header: number;
  readonly payload: Uint8Array;
}

/**
 * The message as imx sees it who makes its mistakes: copied into one buffer that all agents share, of which what the copy does not
 * cover is from messages before.
 *
 * @param arrived at most {@link BUFFER_BYTES} long
 * @returns the header and the payload; a message below 4 bytes has the header of the one before, changed in its first bytes
 */
export function received(draft: Draft, arrived: Arrived): { header: number; payload: Uint8Array } {
  const buffer = bufferOf(draft);
  const view = new DataView(buffer.buffer);
  const { length, header, payload } = arrived;
  for (let i = 0; i < Math.min(length, 4); i += 1) buffer[i] = (header >>> (8 * i)) & 0xff;
  buffer.set(payload, 4);
  draft.set("received", 0, "bytes", toHex(buffer));
  return { header: view.getUint32(0, true), payload };
}

/** The payload in the buffer: the message's own, and behind it what was left there by others. */
export function staleWords(draft: Draft): DataView {
  return new DataView(bufferOf(draft).buffer, 4);
}

function bufferOf(draft: Draft): Uint8Array {
  const buffer = new Uint8Array(BUFFER_BYTES);
  const kept = draft.get("received", 0, "bytes");
  if (kept !== undefined) buffer.set(fromHex(kept) ?? []);
  return buffer;
}
