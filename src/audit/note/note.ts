import { type Problem, problem } from "#base/problem.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { idText, isKeyName, isSignedBy, type SignerKey, type VerifierKey } from "./keys.ts";

/** A note that is longer, or has more signatures, is not read. */
const NOTE_BYTES_MAX = 1_000_000;
const SIGNATURES_MAX = 100;

const ID_BYTES = 4;
const LINE_START = "— ";

/** A signature line of a note, taken apart. */
export interface NoteSignature {
  readonly name: string;
  readonly id: number;
  /** What follows the key's id; for a cosignature, its time comes first. */
  readonly signature: Uint8Array;
}

/** A signed note, its signatures not looked at yet: nothing in it is to be trusted. */
export interface Note {
  /** With its last newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Reads a note; `note-invalid` says what is wrong with it. @see C2SP signed-note "Format" */
export function parseNote(note: string): Note | Problem {
  const invalid = (why: string): Problem => problem("note-invalid", { why });
  if (Buffer.byteLength(note) > NOTE_BYTES_MAX) return invalid(`it is longer than ${NOTE_BYTES_MAX} bytes`);
  // What was no UTF-8 came in as the replacement character.
  if (/\p{Cs}|\ufffd/u.test(note)) return invalid("it is not UTF-8");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note must not have
  if (/[\0-\x09\x0b-\x1f]/.test(note)) return invalid("it has control characters");
  const split = note.lastIndexOf("\n\n");
  if (split < 0) return invalid("no blank line divides its text from its signatures");
  if (!note.endsWith("\n")) return invalid("its last line has no end");
  const text = note.slice(0, split + 1);
  const lines = note.slice(split + 2, -1).split("\n");
  if (lines.length > SIGNATURES_MAX) return invalid(`it has more than ${SIGNATURES_MAX} signatures`);
  const signatures: NoteSignature[] = [];
  for (const line of lines) {
    const signature = parseSignatureLine(line);
    if (signature === null) return invalid(`a signature line reads ${JSON.stringify(line.slice(0, 80))}`);
    signatures.push(signature);
  }
  return { text, signatures };
}

function parseSignatureLine(line: string): NoteSignature | null {
  if (!line.startsWith(LINE_START)) return null;
  const [name = "", base64 = "", ...rest] = line.slice(LINE_START.length).split(" ");
  const bytes = fromBase64(base64);
  if (!isKeyName(name) || bytes === null || rest.length > 0 || bytes.length <= ID_BYTES) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { name, id: view.getUint32(0), signature: bytes.subarray(ID_BYTES) };
}

/** A signature as a line of a note, without the newline. */
export function signatureLine({ name, id, signature }: NoteSignature): string {
  const bytes = Buffer.alloc(ID_BYTES + signature.length);
  bytes.writeUInt32BE(id);
  bytes.set(signature, ID_BYTES);
  return `${LINE_START}${name} ${toBase64(bytes)}`;
}

/** A note as text. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map((signature) => `${signatureLine(signature)}\n`).join("")}`;
}

/** Signs a text, which ends with a newline, with each of the keys. */
export function signNote(text: string, ...keys: readonly SignerKey[]): Note {
  const signatures = keys.map(({ verifier: { name, id }, sign }) => {
    return { name, id, signature: sign(Buffer.from(text)) };
  });
  return { text, signatures };
}

/** Whether name and id of a signature are the key's. Whether it is a good one is another question. */
export function isOfKey(signature: NoteSignature, key: VerifierKey): boolean {
  return signature.name === key.name && signature.id === key.id;
}

/**
 * The keys that signed a note, of those that are known. Signatures of others are passed over.
 *
 * @returns `note-untrusted` where none of the known ones signed, or where one of them seems to have and has not
 */
export function signersOf(note: Note, known: readonly VerifierKey[]): VerifierKey[] | Problem {
  const message = Buffer.from(note.text);
  const signers: VerifierKey[] = [];
  for (const signature of note.signatures) {
    const key = known.find((candidate) => candidate.type === "note" && isOfKey(signature, candidate));
    if (key === undefined) continue;
    if (!isSignedBy(key, message, signature.signature)) {
      return problem("note-untrusted", {
        why: `the signature of ${key.name}+${idText(key.id)} is not right`,
      });
    }
    if (!signers.includes(key)) signers.push(key);
  }
  if (signers.length > 0) return signers;
  const found = note.signatures.map(({ name, id }) => `${name}+${idText(id)}`).join(", ");
  return problem("note-untrusted", { why: `it is signed by ${found}, none of which is trusted here` });
}
