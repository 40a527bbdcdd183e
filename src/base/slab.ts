const SLAB_BYTES = 0x1_0000;
/** From here on a slab would waste more than it saves. */
const ALONE_BYTES = 0x1000;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/**
 * Zeroed bytes that live long, cut from a slab. The engine keeps a typed array of more than 64 bytes outside its heap, and making
 * and collecting each of them on its own was a fifth of the cost of a command. The bytes share their `buffer` with others: a view
 * on them needs their `byteOffset`.
 */
export function allocate(length: number): Uint8Array {
  if (length > ALONE_BYTES) return new Uint8Array(length);
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(slab, used, length);
  used += (length + 7) & ~7;
  return bytes;
}

/** A view over exactly the given bytes, wherever in their buffer they lie. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
