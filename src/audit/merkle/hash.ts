import { hash } from "node:crypto";

/** Bytes of a hash of the tree: SHA-256. */
export const HASH_BYTES = 32;

const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;

/** A node is hashed from here: its prefix, then the hashes of its two children. */
const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = NODE_PREFIX;

/**
 * Hashes bytes whose first is the prefix already, into `out` at `at`. As a string of bytes, the digest comes three times faster
 * out of the engine than as a buffer.
 */
export function hashInto(prefixed: Uint8Array, out: Buffer, at: number): void {
  out.write(hash("sha256", prefixed, "binary"), at, HASH_BYTES, "latin1");
}

/** Hash of a leaf: SHA-256(0x00 ‖ entry). @see RFC 6962 section 2.1 */
export function leafHash(entry: Uint8Array): Uint8Array {
  const prefixed = Buffer.allocUnsafe(1 + entry.length);
  prefixed[0] = LEAF_PREFIX;
  prefixed.set(entry, 1);
  return digest(prefixed);
}

/** Hash of an interior node: SHA-256(0x01 ‖ left ‖ right). @see RFC 6962 section 2.1 */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return digest(node);
}

function digest(bytes: Uint8Array): Uint8Array {
  const out = Buffer.allocUnsafe(HASH_BYTES);
  hashInto(bytes, out, 0);
  return out;
}

/** Root of the tree without leaves: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return digest(Buffer.alloc(0));
}

/**
 * Root of a perfect subtree.
 *
 * @param hashes the hashes of one of its levels, left to right, one behind the other; as many as a power of two
 */
export function perfectRoot(hashes: Uint8Array): Uint8Array {
  const level = Buffer.from(hashes);
  for (let count = hashes.length / HASH_BYTES; count > 1; count /= 2) {
    for (let i = 0; i < count; i += 2) {
      level.copy(node, 1, i * HASH_BYTES, (i + 2) * HASH_BYTES);
      hashInto(node, level, (i / 2) * HASH_BYTES);
    }
  }
  return level.subarray(0, HASH_BYTES);
}

/** Whether two hashes are the same. */
export function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
