import { existsSync, statSync, unlinkSync } from "node:fs";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { auditFiles, clearStaleDraft, moveInto, readText, writeWhole } from "./files.ts";
import { formatSignerKey, formatVerifierKey, parseSignerKey, type SignerKey } from "./note/keys.ts";

const OWNER_ONLY = 0o600;

/** The log's private key, null: it has none. */
export function readKey(file: string): SignerKey | null | Problem {
  return keyIn(auditFiles(file).key);
}

/** The file of the log's private key, where others than its owner may read or write it, else null. */
export function exposedKeyFile(file: string): string | null {
  const { key } = auditFiles(file);
  const stat = statSync(key, { throwIfNoEntry: false });
  return stat === undefined || (stat.mode & 0o777 & ~OWNER_ONLY) === 0 ? null : key;
}

/** The private key in a file of its own, null: there is no such file. */
export function keyIn(path: string): SignerKey | null | Problem {
  const text = readText(path);
  if (text === null || isProblem(text)) return text;
  const key = parseSignerKey(text);
  return isProblem(key) ? key.of(path) : key;
}

/** Keeps a log's private key where only its owner can read it. */
export function writeKey(file: string, key: SignerKey): Problem | null {
  return writeKeyTo(auditFiles(file).key, key);
}

/** Lays the next key ready; it takes the place of the key in {@link settleRotation}. */
export function writeNextKey(file: string, key: SignerKey): Problem | null {
  return writeKeyTo(auditFiles(file).nextKey, key);
}

/** Writes a private key into a file that only its owner can read. */
export function writeKeyTo(path: string, key: SignerKey): Problem | null {
  try {
    clearStaleDraft(path);
    writeWhole(path, `${formatSignerKey(key)}\n`, OWNER_ONLY);
    return null;
  } catch (error) {
    return problem("file-unwritable", { file: path, why: (error as Error).message });
  }
}

/**
 * Ends a rotation, also one that was cut off: the next key takes over if the log says that it does, else it is dropped.
 *
 * @param current the verifier key that the log names last
 */
export function settleRotation(file: string, current: string): Problem | null {
  const { key, nextKey } = auditFiles(file);
  if (!existsSync(nextKey)) return null;
  const next = keyIn(nextKey);
  if (isProblem(next)) return next;
  try {
    if (next !== null && formatVerifierKey(next.verifier) === current) moveInto(nextKey, key);
    else unlinkSync(nextKey);
    return null;
  } catch (error) {
    return problem("file-unwritable", { file: nextKey, why: (error as Error).message });
  }
}
