import { type FileHandle, open } from "node:fs/promises";
import { type Problem, problem } from "#base/problem.ts";

const CHUNK_BYTES = 256 * 1024;

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EISDIR: "it is a directory",
  ELOOP: "its symbolic links go in circles",
  ENAMETOOLONG: "its name is too long",
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is not a directory",
};

/**
 * Reads a whole file, or refuses it: `file-unreadable`, or `file-too-large` above `bytesMax`. Never more than `bytesMax` is
 * kept in memory, also of a pipe or of a file that grows meanwhile.
 *
 * @param file absolute, or relative to the working directory
 */
export async function readBytes(file: string, bytesMax: number): Promise<Uint8Array | Problem> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, "r");
    const stat = await handle.stat();
    // Of anything but a file the size says nothing; what a directory is refused for comes from reading it.
    if (stat.isFile() && stat.size > bytesMax)
      return problem("file-too-large", { file, bytes: stat.size, bytesMax });
    const bytes = await readUpTo(handle, bytesMax + 1);
    return bytes.byteLength > bytesMax
      ? problem("file-too-large", { file, bytes: bytes.byteLength, bytesMax })
      : bytes;
  } catch (error) {
    return problem("file-unreadable", { file, why: reason(error) });
  } finally {
    await handle?.close();
  }
}

/** Reads a UTF-8 text as `readBytes` does; a byte order mark is kept as U+FEFF. Other bytes are `file-unreadable`. */
export async function readTextFile(file: string, bytesMax: number): Promise<string | Problem> {
  const bytes = await readBytes(file, bytesMax);
  if (!(bytes instanceof Uint8Array)) return bytes;
  return decodeUtf8(bytes) ?? problem("file-unreadable", { file, why: "it is not UTF-8 text" });
}

/** The text, or null where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes from the start of a file, until its end or until there are `bytesMax` of them. */
async function readUpTo(handle: FileHandle, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < bytesMax) {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytesMax - total));
    const { bytesRead } = await handle.read(chunk, 0, chunk.byteLength, null);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    total += bytesRead;
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** Why a call on a file failed. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return REASONS[code ?? ""] ?? message;
}
