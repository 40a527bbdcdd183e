const DIGITS = "0123456789abcdef";
const ascii = new TextDecoder("latin1");

/** Room for the digits of what is mostly shown: a message, the start of a page. */
const HEX_BYTES = 128;
const scratch = new Uint8Array(2 * HEX_BYTES);

/** Bytes as lowercase hex, two digits a byte, no prefix. Made in one piece: it is on the path of every answer. */
export function toHex(bytes: Uint8Array): string {
  const digits = bytes.length <= HEX_BYTES ? scratch : new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    digits[2 * i] = DIGITS.charCodeAt(byte >> 4);
    digits[2 * i + 1] = DIGITS.charCodeAt(byte & 0xf);
  }
  return ascii.decode(digits.subarray(0, 2 * bytes.length));
}

/** The same for bytes that are a text of as many characters, U+0000 to U+00FF. */
export function byteTextToHex(text: string): string {
  return toHex(Uint8Array.from(text, (character) => character.charCodeAt(0)));
}

/** The bytes of a hex string (either case, no prefix, even length), or null where it is not one. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text)) return null;
  const bytes = new Uint8Array(text.length / 2);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}

/** A 32- or 64-bit value, or an address, as the API shows it: `0x47ff0000`. */
export function hexWord(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
