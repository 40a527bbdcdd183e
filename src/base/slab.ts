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
  const at = take(length);
  return new Uint8Array(slab, at, length);
}

/** As {@link allocate}, for words in the byte order of the machine that we run on. */
export function allocateWords(length: number): Uint32Array {
  if (4 * length > ALONE_BYTES) return new Uint32Array(length);
  const at = take(4 * length);
  return new Uint32Array(slab, at, length);
}

/** Takes bytes of the slab, of a new one where they do not fit. Gives where they begin, aligned for words. */
function take(length: number): number {
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const at = used;
  used += (length + 7) & ~7;
  return at;
}

/** A view over exactly the given bytes, wherever in their buffer they lie. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
