import { type Problem, problem } from "#base/problem.ts";
import { idText, isSignedBy, type SignerKey, type VerifierKey } from "./keys.ts";
import { isOfKey, type Note, type NoteSignature } from "./note.ts";

const TIME_BYTES = 8;

/** A witness's word that it had seen a checkpoint, as the newest of its log, at a time (seconds since 1970). */
export interface Cosignature {
  readonly key: VerifierKey;
  readonly timeS: number;
}

/** Cosigns the text of a checkpoint. @see C2SP tlog-cosignature "Ed25519 signed message" */
export function cosign(checkpointText: string, key: SignerKey, timeS: number): NoteSignature {
  const { name, id } = key.verifier;
  const signature = Buffer.alloc(TIME_BYTES);
  signature.writeBigUInt64BE(BigInt(timeS));
  return { name, id, signature: Buffer.concat([signature, key.sign(message(checkpointText, timeS))]) };
}

/** The cosignatures of known witnesses on a checkpoint; `note-untrusted` where one of theirs is not right. */
export function cosignaturesOn(note: Note, witnesses: readonly VerifierKey[]): Cosignature[] | Problem {
  const found: Cosignature[] = [];
  for (const signature of note.signatures) {
    const key = witnesses.find((witness) => witness.type === "cosignature" && isOfKey(signature, witness));
    if (key === undefined) continue;
    const timeS = verifiedTime(note.text, signature, key);
    if (timeS === null) {
      return problem("note-untrusted", {
        why: `the cosignature of ${key.name}+${idText(key.id)} is not right`,
      });
    }
    found.push({ key, timeS });
  }
  return found;
}

function verifiedTime(text: string, { signature }: NoteSignature, key: VerifierKey): number | null {
  if (signature.length <= TIME_BYTES) return null;
  const view = new DataView(signature.buffer, signature.byteOffset, signature.byteLength);
  const timeS = Number(view.getBigUint64(0));
  if (!Number.isSafeInteger(timeS)) return null;
  return isSignedBy(key, message(text, timeS), signature.subarray(TIME_BYTES)) ? timeS : null;
}

function message(checkpointText: string, timeS: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${checkpointText}`);
}
