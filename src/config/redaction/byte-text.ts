/** A name has at least so many printable bytes in a row. */
const TEXT_BYTES_MIN = 3;

/** Bytes as a text of as many characters, U+0000 to U+00FF: so that words are found among any bytes. */
export function textOfBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The bytes of such a text. */
export function bytesOfText(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, at) => text.charCodeAt(at));
}

/** Whether some bytes in a row are printable. */
export function hasText(bytes: Uint8Array): boolean {
  let row = 0;
  for (const byte of bytes) {
    row = isPrintable(byte) ? row + 1 : 0;
    if (row >= TEXT_BYTES_MIN) return true;
  }
  return false;
}

/** Whether a byte is a character of ASCII that is seen. */
export function isPrintable(byte: number): boolean {
  return byte > 0x20 && byte < 0x7f;
}
