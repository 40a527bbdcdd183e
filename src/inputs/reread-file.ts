import {
  closeSync,
  createReadStream,
  createWriteStream,
  fstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Problem, problem } from "#base/problem.ts";
import { reason } from "./read-file.ts";

const CHUNK_BYTES = 256 * 1024;

/** A file that is read more than once, piece by piece, so that it may be larger than the memory. */
export interface RereadFile {
  /** Its bytes from the start, up to where it ended when it was opened. A piece is overwritten by the next. Throws where a disk fails. */
  readonly chunks: () => Generator<Uint8Array>;
  close(): void;
}

/** Opens a file to be read more than once, or says `file-unreadable`. What is no file on a disk (a pipe) is kept as one meanwhile. */
export async function openToReread(file: string): Promise<RereadFile | Problem> {
  try {
    const fd = openSync(file, "r");
    const stat = fstatSync(fd);
    if (stat.isFile()) return reread(fd, stat.size);
    if (!stat.isDirectory()) return await spooled(fd);
    closeSync(fd);
    return problem("file-unreadable", { file, why: "it is a directory" });
  } catch (error) {
    return problem("file-unreadable", { file, why: reason(error) });
  }
}

/** Keeps what is left to read; closes it. */
async function spooled(pipe: number): Promise<RereadFile> {
  const folder = mkdtempSync(join(tmpdir(), "scmictl-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = join(folder, "copy");
    await pipeline(createReadStream("", { fd: pipe }), createWriteStream(copy, { mode: 0o600 }));
    const fd = openSync(copy, "r");
    // Nobody else finds it, and it is gone when this process is.
    remove();
    return reread(fd, fstatSync(fd).size);
  } catch (error) {
    remove();
    throw error;
  }
}

function reread(fd: number, size: number): RereadFile {
  const buffer = new Uint8Array(CHUNK_BYTES);
  return {
    *chunks() {
      for (let at = 0; at < size; ) {
        const bytes = readSync(fd, buffer, 0, Math.min(CHUNK_BYTES, size - at), at);
        if (bytes === 0) return;
        at += bytes;
        yield buffer.subarray(0, bytes);
      }
    },
    close() {
      closeSync(fd);
    },
  };
}
