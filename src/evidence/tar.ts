/** A file of an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly content: Uint8Array | string;
}

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;

/**
 * Files as a tar archive (POSIX ustar). The same files give the same bytes: no times, no owners.
 *
 * @see POSIX.1-2024, pax, "ustar Interchange Format"
 */
export function tarOf(files: readonly ArchivedFile[]): Uint8Array {
  const parts = files.flatMap(({ name, content }) => {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    const padding = Buffer.alloc((BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES);
    return [headerOf(name, bytes.length), bytes, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK_BYTES)]);
}

function headerOf(name: string, bytes: number): Buffer {
  if (Buffer.byteLength(name) > NAME_BYTES_MAX)
    throw new Error(`bug: ${name} is too long a name for an archive`);
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(bytes, 11), 124);
  header.write(octal(0, 11), 136);
  // The checksum is taken with blanks in its own place.
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
