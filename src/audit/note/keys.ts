import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { type Problem, problem } from "#base/problem.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** What a key signs: a note's text, or a checkpoint with the time at which it was seen (a witness's cosignature). */
export type SignatureType = "note" | "cosignature";

/** The byte that says so, in key ids and in encoded keys. @see C2SP signed-note "Signature types" */
const TYPE_BYTE: Readonly<Record<SignatureType, number>> = { note: 0x01, cosignature: 0x04 };

/** Bytes of an Ed25519 public key, and of the seed of a private one. */
const KEY_BYTES = 32;

/** What stands before a key's 32 bytes in DER. @see RFC 8410 */
const PUBLIC_DER = Buffer.from("302a300506032b6570032100", "hex");
const PRIVATE_DER = Buffer.from("302e020100300506032b657004220420", "hex");

const PRIVATE_PREFIX = "PRIVATE+KEY+";

/** A key that verifies signatures of notes. Name and id together say which key signed. */
export interface VerifierKey {
  readonly name: string;
  /** The first four bytes of a hash over name, type and key. */
  readonly id: number;
  readonly type: SignatureType;
  /** Ed25519, 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A key that signs. */
export interface SignerKey {
  readonly verifier: VerifierKey;
  readonly seed: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

/** Whether a text can name a key: not empty, no space of any kind, no plus, no control character. */
export function isKeyName(name: string): boolean {
  return name !== "" && !/[\s+\p{Cc}\p{Zs}\p{Cs}]/u.test(name);
}

/** The id of a key. @see C2SP signed-note "Ed25519 signatures", tlog-cosignature "Format" */
function keyId(name: string, type: SignatureType, publicKey: Uint8Array): number {
  const hashed = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(TYPE_BYTE[type]), publicKey]);
  return Number.parseInt(hash("sha256", hashed, "hex").slice(0, 8), 16);
}

/** An id as eight hex digits. */
export function idText(id: number): string {
  return id.toString(16).padStart(8, "0");
}

/** The key as one line of text: `<name>+<id>+<base64>`. @see C2SP signed-note "Verifier keys" */
export function formatVerifierKey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${idText(id)}+${toBase64(Buffer.concat([Uint8Array.of(TYPE_BYTE[type]), publicKey]))}`;
}

/** Reads a verifier key; `key-invalid` says what is wrong with it. */
export function parseVerifierKey(text: string): VerifierKey | Problem {
  return parseKey(text.trim(), "a verifier key (vkey)", (name, type, publicKey) => {
    return { name, id: keyId(name, type, publicKey), type, publicKey };
  });
}

/** The private key as one line of text, in the form that the Go tools for notes write. */
export function formatSignerKey({ verifier: { name, id, type }, seed }: SignerKey): string {
  const material = toBase64(Buffer.concat([Uint8Array.of(TYPE_BYTE[type]), seed]));
  return `${PRIVATE_PREFIX}${name}+${idText(id)}+${material}`;
}

/** Reads a private key; the problem never tells what was in the text. */
export function parseSignerKey(text: string): SignerKey | Problem {
  const what = "a private key for notes";
  const line = text.trim();
  if (!line.startsWith(PRIVATE_PREFIX))
    return problem("key-invalid", { what, why: `it does not begin with ${PRIVATE_PREFIX}` });
  return parseKey(line.slice(PRIVATE_PREFIX.length), what, signerKey);
}

/** A new private key. */
export function generateSignerKey(name: string, type: SignatureType): SignerKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  return signerKey(name, type, der.subarray(-KEY_BYTES));
}

function signerKey(name: string, type: SignatureType, seed: Uint8Array): SignerKey {
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_DER, seed]), format: "der", type: "pkcs8" });
  const der = createPublicKey(key).export({ format: "der", type: "spki" });
  const publicKey = Uint8Array.from(der.subarray(-KEY_BYTES));
  return {
    verifier: { name, id: keyId(name, type, publicKey), type, publicKey },
    seed,
    sign: (message) => sign(null, message, key),
  };
}

/** Whether an Ed25519 signature is this key's. Never throws. */
export function isSignedBy({ publicKey }: VerifierKey, message: Uint8Array, signature: Uint8Array): boolean {
  let key: KeyObject;
  try {
    key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: "der", type: "spki" });
  } catch {
    return false;
  }
  return verify(null, message, key, signature);
}

/** `<name>+<id>+<base64 of type and 32 bytes>`, whose id must be the one that the key made of them has. */
function parseKey<Key extends VerifierKey | SignerKey>(
  text: string,
  what: string,
  make: (name: string, type: SignatureType, material: Uint8Array) => Key,
): Key | Problem {
  const invalid = (why: string): Problem => problem("key-invalid", { what, why });
  const [name = "", id = "", ...rest] = text.split("+");
  // The material is base64, which may have a plus itself.
  const material = fromBase64(rest.join("+"));
  if (rest.length === 0) return invalid("its three parts are a name, an id and the key, with + between");
  if (!isKeyName(name)) return invalid("its name is empty, or has spaces or control characters");
  if (!/^[0-9a-f]{8}$/.test(id)) return invalid("its id is not eight lowercase hex digits");
  if (material === null) return invalid("its last part is not base64");
  const type =
    material[0] === TYPE_BYTE.note ? "note" : material[0] === TYPE_BYTE.cosignature ? "cosignature" : null;
  if (type === null)
    return invalid(`its type is ${material[0] ?? "missing"}; Ed25519 is 1, a cosigner's Ed25519 is 4`);
  if (material.length !== 1 + KEY_BYTES)
    return invalid(`it has ${material.length - 1} bytes of key, not ${KEY_BYTES}`);
  const key = make(name, type, material.subarray(1));
  const { id: right } = "verifier" in key ? key.verifier : key;
  return idText(right) === id ? key : invalid(`its id is ${id}, but its name and key make ${idText(right)}`);
}
