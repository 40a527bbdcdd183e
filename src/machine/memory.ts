import type { Journal } from "#base/cells.ts";
import { allocate } from "#base/slab.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";

/** Size of the pieces in which memory is journaled and hashed. */
export const PIECE_BYTES = 128;

const PIECE_WORDS = PIECE_BYTES / 4;
const PIECES_PER_FRAME = PAGE_BYTES / PIECE_BYTES;

/** A 4 KiB frame of memory; where it was never written it is all zero. */
interface Frame {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** The same bytes as words of the machine that we run on: for copying and comparing, not for values. */
  readonly words: Uint32Array;
}

function newFrame(): Frame {
  const bytes = new Uint8Array(PAGE_BYTES);
  return { bytes, view: new DataView(bytes.buffer), words: new Uint32Array(bytes.buffer) };
}

/** What a window reads and writes: frames by number, made when first asked for. */
interface Frames {
  frame(index: number): Frame;
  beforeWrite(address: number): void;
}

/** The window of 4 KiB on one frame, as device memory: what every channel has whose page is aligned. */
class PageWindow implements DeviceMemory {
  readonly #frames: Frames;
  readonly #address: number;
  readonly #frame: Frame;

  constructor(frames: Frames, address: number) {
    this.#frames = frames;
    this.#address = address;
    this.#frame = frames.frame(frameOf(address));
  }

  read8(offset: number): number {
    return this.#frame.view.getUint8(offset);
  }

  read32(offset: number): number {
    return this.#frame.view.getUint32(offset, true);
  }

  write8(offset: number, value: number): void {
    this.#frames.beforeWrite(this.#address + offset);
    this.#frame.view.setUint8(offset, value);
  }

  write32(offset: number, value: number): void {
    this.#frames.beforeWrite(this.#address + offset);
    this.#frame.view.setUint32(offset, value, true);
  }
}

/** A window that is not page aligned spans two frames, and may not even be word aligned: it is reached byte by byte. */
class UnalignedWindow implements DeviceMemory {
  readonly #frames: Frames;
  readonly #address: number;

  constructor(frames: Frames, address: number) {
    this.#frames = frames;
    this.#address = address;
  }

  read8(offset: number): number {
    const address = this.#at(offset);
    return this.#frames.frame(frameOf(address)).bytes[address % PAGE_BYTES] as number;
  }

  read32(offset: number): number {
    let value = 0;
    for (let i = 3; i >= 0; i -= 1) value = value * 0x100 + this.read8(offset + i);
    return value;
  }

  write8(offset: number, value: number): void {
    const address = this.#at(offset);
    this.#frames.beforeWrite(address);
    this.#frames.frame(frameOf(address)).bytes[address % PAGE_BYTES] = value;
  }

  write32(offset: number, value: number): void {
    for (let i = 0; i < 4; i += 1) this.write8(offset + i, (value >>> (8 * i)) & 0xff);
  }

  #at(offset: number): number {
    if (offset < 0 || offset >= PAGE_BYTES) throw new RangeError(`bug: access at ${offset} leaves the page`);
    return this.#address + offset;
  }
}

function windowOn(frames: Frames, address: number): DeviceMemory {
  return address % PAGE_BYTES === 0 ? new PageWindow(frames, address) : new UnalignedWindow(frames, address);
}

function frameOf(address: number): number {
  return Math.floor(address / PAGE_BYTES);
}

/** All memory that somebody ever wrote to, by physical address. Writes are journaled in pieces of 128 bytes. */
export class PhysicalMemory implements Frames {
  readonly #journal: Journal;
  readonly #frames = new Map<number, Frame>();
  readonly #windows = new Map<number, DeviceMemory>();
  /** Pieces that the journal already holds a `before` of, for the command under way. */
  readonly #touched = new Set<number>();
  /** The piece touched last: a message's words lie side by side. */
  #lastTouched = -1;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The channel window at an address. */
  window(address: number): DeviceMemory {
    let window = this.#windows.get(address);
    if (window === undefined) {
      window = windowOn(this, address);
      this.#windows.set(address, window);
    }
    return window;
  }

  frame(index: number): Frame {
    let frame = this.#frames.get(index);
    if (frame === undefined) {
      frame = newFrame();
      this.#frames.set(index, frame);
    }
    return frame;
  }

  /** The frame if anybody touched it yet; reading does not make one. */
  peek(index: number): Frame | undefined {
    return this.#frames.get(index);
  }

  beforeWrite(address: number): void {
    const piece = Math.floor(address / PIECE_BYTES);
    if (piece === this.#lastTouched) return;
    this.#lastTouched = piece;
    if (this.#touched.has(piece)) return;
    this.#touched.add(piece);
    this.#journal.pieces.push({ piece, before: this.piece(piece) });
  }

  /** From here on every piece that is written is journaled anew: a command begins, or a batch was undone. */
  beginCommand(): void {
    if (this.#lastTouched === -1) return;
    this.#lastTouched = -1;
    this.#touched.clear();
  }

  /** A copy of a piece, or null where it is all zero. */
  piece(index: number): Uint8Array | null {
    const bytes = allocate(PIECE_BYTES);
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, PIECE_WORDS);
    return this.copyPiece(index, words, 0) ? bytes : null;
  }

  /**
   * Copies a piece into `target`, from word `at` on. Word by word: for so few bytes that is several times faster than a typed
   * array's own copy.
   *
   * @returns whether it is not all zero
   */
  copyPiece(index: number, target: Uint32Array, at: number): boolean {
    const words = this.#frames.get(Math.floor(index / PIECES_PER_FRAME))?.words;
    if (words === undefined) {
      target.fill(0, at, at + PIECE_WORDS);
      return false;
    }
    const start = (index % PIECES_PER_FRAME) * PIECE_WORDS;
    let any = 0;
    for (let i = 0; i < PIECE_WORDS; i += 1) {
      const word = words[start + i] as number;
      target[at + i] = word;
      any |= word;
    }
    return any !== 0;
  }

  /** Puts a piece back, past the journal: for undoing, and for loading a snapshot. */
  restorePiece(index: number, bytes: Uint8Array | null): void {
    const frame = this.frame(Math.floor(index / PIECES_PER_FRAME));
    const start = (index % PIECES_PER_FRAME) * PIECE_BYTES;
    if (bytes === null) frame.bytes.fill(0, start, start + PIECE_BYTES);
    else frame.bytes.set(bytes, start);
  }

  /** Every piece that is not all zero, by ascending number. */
  *pieces(): Generator<{ readonly piece: number; readonly bytes: Uint8Array }> {
    for (const index of [...this.#frames.keys()].sort((a, b) => a - b)) {
      for (let i = 0; i < PIECES_PER_FRAME; i += 1) {
        const piece = index * PIECES_PER_FRAME + i;
        const bytes = this.piece(piece);
        if (bytes !== null) yield { piece, bytes };
      }
    }
  }
}

/**
 * Memory to try things on: reads come from the real memory, writes stay here. One is used again for every ring; a window is good
 * until the next {@link reset}.
 */
export class ScratchMemory implements Frames {
  readonly #real: PhysicalMemory;
  readonly #frames = new Map<number, Frame>();
  readonly #spare: Frame[] = [];

  constructor(real: PhysicalMemory) {
    this.#real = real;
  }

  /** Forgets every write. */
  reset(): void {
    for (const frame of this.#frames.values()) this.#spare.push(frame);
    this.#frames.clear();
  }

  window(address: number): DeviceMemory {
    return windowOn(this, address);
  }

  frame(index: number): Frame {
    let frame = this.#frames.get(index);
    if (frame === undefined) {
      frame = this.#spare.pop() ?? newFrame();
      const real = this.#real.peek(index);
      if (real === undefined) frame.bytes.fill(0);
      else frame.bytes.set(real.bytes);
      this.#frames.set(index, frame);
    }
    return frame;
  }

  beforeWrite(): void {
    // Nothing is journaled: what is written here is only tried.
  }
}
