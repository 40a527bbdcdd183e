import { isProblem, type Problem, problem } from "#base/problem.ts";
import { auditFiles, clearStaleDraft, readText, writeWhole } from "./files.ts";
import { openCheckpoint, parseCheckpoint, type SignedCheckpoint } from "./note/checkpoint.ts";
import type { VerifierKey } from "./note/keys.ts";

const EVERYBODY_READS = 0o644;
const TRIES = 50;
const WAIT_MS = 10;

/** The newest signed checkpoint as it is kept beside the log, null: there is none yet. */
export function newestOutside(file: string, keys: readonly VerifierKey[]): SignedCheckpoint | null | Problem {
  const path = auditFiles(file).checkpoint;
  const text = readText(path);
  if (text === null || isProblem(text)) return text;
  const newest = openCheckpoint(text, keys);
  return isProblem(newest) ? newest.of(path) : newest;
}

/**
 * Keeps a checkpoint beside the log, unless a larger one is there. The server and `scmictl audit checkpoint` may both be at it:
 * the draft that each writes first lets only one of them.
 */
export function keepOutside(file: string, signed: SignedCheckpoint): Problem | null {
  const path = auditFiles(file).checkpoint;
  for (let tries = 1; ; tries += 1) {
    try {
      clearStaleDraft(path);
      const before = readText(path);
      if (isProblem(before)) return before;
      const known = before === null ? null : parseCheckpoint(before);
      if (known !== null && !isProblem(known) && known.checkpoint.size > signed.checkpoint.size) return null;
      writeWhole(path, signed.text, EVERYBODY_READS);
      return null;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      if (code !== "EEXIST" || tries === TRIES)
        return problem("file-unwritable", { file: path, why: message });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
    }
  }
}
