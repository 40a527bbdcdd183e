import { isProblem, type Problem, problem } from "#base/problem.ts";
import { HASH_BYTES } from "../merkle/hash.ts";
import type { TreeHead } from "../merkle/proofs.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import type { SignerKey, VerifierKey } from "./keys.ts";
import { formatNote, type Note, parseNote, signersOf, signNote } from "./note.ts";

/** What a checkpoint says: which log, and its tree at one size. */
export interface Checkpoint extends TreeHead {
  readonly origin: string;
  /** Lines behind the root hash, of which we write none. */
  readonly extensions: readonly string[];
}

/** The text of a checkpoint, as it is signed. @see C2SP tlog-checkpoint "Note text" */
export function checkpointText({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, String(size), toBase64(root), ...extensions].map((line) => `${line}\n`).join("");
}

/** Reads the text of a checkpoint; `checkpoint-invalid` says what is wrong with it. */
export function parseCheckpointText(text: string): Checkpoint | Problem {
  const invalid = (why: string): Problem => problem("checkpoint-invalid", { why });
  if (!text.endsWith("\n")) return invalid("its last line has no end");
  const [origin = "", size = "", hash = "", ...extensions] = text.slice(0, -1).split("\n");
  if (origin === "") return invalid("its origin is empty");
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    return invalid(`its tree size is ${JSON.stringify(size.slice(0, 40))}`);
  }
  const root = fromBase64(hash);
  if (root?.length !== HASH_BYTES) return invalid(`its root hash is not the base64 of ${HASH_BYTES} bytes`);
  if (extensions.includes("")) return invalid("an extension line is empty");
  return { origin, size: Number(size), root, extensions };
}

/** A checkpoint with the note that it came in. */
export interface SignedCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: Note;
  /** The note as text, every signature with it. */
  readonly text: string;
}

/** Signs a tree head. */
export function signCheckpoint(head: TreeHead, key: SignerKey): SignedCheckpoint {
  const checkpoint = { origin: key.verifier.name, ...head, extensions: [] };
  const note = signNote(checkpointText(checkpoint), key);
  return { checkpoint, note, text: formatNote(note) };
}

/** Reads a checkpoint without looking at its signatures. */
export function parseCheckpoint(text: string): SignedCheckpoint | Problem {
  const note = parseNote(text);
  if (isProblem(note)) return note;
  const checkpoint = parseCheckpointText(note.text);
  return isProblem(checkpoint) ? checkpoint : { checkpoint, note, text };
}

/**
 * Reads a checkpoint that one of the log's keys must have signed: `note-untrusted` where none has, or where it is another log's
 * (its origin is the name of none of them).
 */
export function openCheckpoint(text: string, keys: readonly VerifierKey[]): SignedCheckpoint | Problem {
  const signed = parseCheckpoint(text);
  if (isProblem(signed)) return signed;
  const { origin } = signed.checkpoint;
  const ofLog = keys.filter(({ name }) => name === origin);
  if (ofLog.length === 0) {
    const known = [...new Set(keys.map(({ name }) => name))].join(", ");
    return problem("note-untrusted", {
      why: `it is of the log ${origin}; the keys known here are of ${known}`,
    });
  }
  const signers = signersOf(signed.note, ofLog);
  return isProblem(signers) ? signers : signed;
}
