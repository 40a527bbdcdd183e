import { isProblem, type Problem, problem } from "#base/problem.ts";
import { auditFiles, clearStaleDraft, readText, writeWhole } from "./files.ts";
import { openCheckpoint, type SignedCheckpoint } from "./note/checkpoint.ts";
import type { VerifierKey } from "./note/keys.ts";

const EVERYBODY_READS = 0o644;

/** The newest checkpoint that a witness cosigned, as it is kept beside the log; null: none was. */
export function newestCosigned(
  file: string,
  keys: readonly VerifierKey[],
): SignedCheckpoint | null | Problem {
  const text = readText(auditFiles(file).cosigned);
  return text === null || isProblem(text) ? text : openCheckpoint(text, keys);
}

/** Keeps a cosigned checkpoint beside the log. Only the log's writer does. */
export function keepCosigned(file: string, signed: SignedCheckpoint): Problem | null {
  const path = auditFiles(file).cosigned;
  try {
    clearStaleDraft(path);
    writeWhole(path, signed.text, EVERYBODY_READS);
    return null;
  } catch (error) {
    return problem("file-unwritable", { file: path, why: (error as Error).message });
  }
}
