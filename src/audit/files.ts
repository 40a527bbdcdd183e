import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { type Problem, problem } from "#base/problem.ts";

/** What lies beside a log at `file`, outside the database, so that whoever puts an older one in its place does not replace it too. */
export function auditFiles(file: string): {
  readonly key: string;
  readonly nextKey: string;
  readonly checkpoint: string;
  readonly cosigned: string;
} {
  return {
    /** The private key, readable by its owner only. */
    key: `${file}.audit-key`,
    /** The key that a rotation is about to put in its place. */
    nextKey: `${file}.audit-key.next`,
    /** The newest checkpoint that was signed. */
    checkpoint: `${file}.audit-checkpoint`,
    /** The newest checkpoint that a witness cosigned. */
    cosigned: `${file}.audit-cosigned`,
  };
}

const READ_BYTES_MAX = 1_000_000;

/** The text of a file, null: there is none. */
export function readText(file: string): string | null | Problem {
  try {
    if (!existsSync(file)) return null;
    const bytes = statSync(file).size;
    if (bytes > READ_BYTES_MAX) return problem("file-too-large", { file, bytes, bytesMax: READ_BYTES_MAX });
    return readFileSync(file, "utf8");
  } catch (error) {
    return problem("file-unreadable", { file, why: (error as Error).message });
  }
}

/**
 * Writes a file whole or not at all, durably: beside it first, then in its place.
 *
 * @throws where it cannot be written, EEXIST where somebody else is at it
 */
export function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.draft`;
  const fd = openSync(draft, "wx", mode);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  moveInto(draft, file);
}

/** Puts a file in the place of another, durably. */
export function moveInto(from: string, to: string): void {
  renameSync(from, to);
  const folder = openSync(dirname(to), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** A draft that is older was left by a process that was killed. */
const STALE_MS = 5000;

/** Removes what an earlier writer of a file left half done. */
export function clearStaleDraft(file: string): void {
  const draft = `${file}.draft`;
  const made = statSync(draft, { throwIfNoEntry: false })?.mtimeMs;
  if (made !== undefined && Date.now() - made > STALE_MS) unlinkSync(draft);
}
