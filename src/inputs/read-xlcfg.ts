import { isProblem, type Problem } from "#base/problem.ts";
import { decodeUtf8, readBytes } from "./read-file.ts";

/** Largest xl.cfg that is read. */
const XLCFG_BYTES_MAX = 1024 * 1024;

/**
 * Reads an xl.cfg. xl takes any bytes inside quotes and comments, so nothing is refused for its encoding: what is not UTF-8 is
 * read as Latin-1, a character a byte.
 *
 * @returns the text; or `file-unreadable` or `file-too-large` (1 MiB)
 */
export async function readXlCfg(file: string): Promise<string | Problem> {
  const bytes = await readBytes(file, XLCFG_BYTES_MAX);
  if (isProblem(bytes)) return bytes;
  return (
    decodeUtf8(bytes) ?? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1")
  );
}
