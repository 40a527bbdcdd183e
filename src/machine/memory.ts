import type { Journal } from "#base/cells.ts";
import type { DeviceMemory } from "#scmi/device-memory.ts";
import { PAGE_BYTES } from "#scmi/shmem.ts";

/** Size of the pieces in which memory is journaled and hashed. */
export const PIECE_BYTES = 128;

const PIECES_PER_FRAME = PAGE_BYTES / PIECE_BYTES;

/** A 4 KiB frame of memory; where it was never written it is all zero. */
interface Frame {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

function newFrame(): Frame {
  const bytes = new Uint8Array(PAGE_BYTES);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** What a window reads and writes: frames by number, made when first asked for. */
interface Frames {
  frame(index: number): Frame;
  beforeWrite(address: number): void;
}

/**
 * The window of 4 KiB that starts at `address`, as device memory. A window that is not page aligned spans two frames; one that
 * is not word aligned is reached byte by byte.
 */
class Window implements DeviceMemory {
  readonly #frames: Frames;
  readonly #address: number;

  constructor(frames: Frames, address: number) {
    this.#frames = frames;
    this.#address = address;
  }

  read8(offset: number): number {
    const address = this.#at(offset, 1);
    return this.#frames.frame(frameOf(address)).bytes[address % PAGE_BYTES] as number;
  }

  read32(offset: number): number {
    const address = this.#at(offset, 4);
    if (address % 4 !== 0) return this.#bytewise(offset);
    return this.#frames.frame(frameOf(address)).view.getUint32(address % PAGE_BYTES, true);
  }

  write8(offset: number, value: number): void {
    const address = this.#at(offset, 1);
    this.#frames.beforeWrite(address);
    this.#frames.frame(frameOf(address)).bytes[address % PAGE_BYTES] = value;
  }

  write32(offset: number, value: number): void {
    const address = this.#at(offset, 4);
    if (address % 4 !== 0) {
      for (let i = 0; i < 4; i += 1) this.write8(offset + i, (value >>> (8 * i)) & 0xff);
      return;
    }
    this.#frames.beforeWrite(address);
    this.#frames.frame(frameOf(address)).view.setUint32(address % PAGE_BYTES, value, true);
  }

  #bytewise(offset: number): number {
    let value = 0;
    for (let i = 3; i >= 0; i -= 1) value = value * 0x100 + this.read8(offset + i);
    return value;
  }

  #at(offset: number, width: number): number {
    if (offset < 0 || offset + width > PAGE_BYTES)
      throw new RangeError(`bug: access at ${offset} leaves the page`);
    return this.#address + offset;
  }
}

function frameOf(address: number): number {
  return Math.floor(address / PAGE_BYTES);
}

/** All memory that somebody ever wrote to, by physical address. Writes are journaled in pieces of 128 bytes. */
export class PhysicalMemory implements Frames {
  readonly #journal: Journal;
  readonly #frames = new Map<number, Frame>();
  readonly #windows = new Map<number, Window>();
  /** Pieces that the journal already holds a `before` of, for the command under way. */
  readonly #touched = new Set<number>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  /** The channel window at an address. */
  window(address: number): DeviceMemory {
    let window = this.#windows.get(address);
    if (window === undefined) {
      window = new Window(this, address);
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
    if (this.#touched.has(piece)) return;
    this.#touched.add(piece);
    this.#journal.pieces.push({ piece, before: this.piece(piece) });
  }

  /** From here on every piece that is written is journaled anew: a command begins, or a batch was undone. */
  beginCommand(): void {
    this.#touched.clear();
  }

  /** A copy of a piece, or null where it is all zero. */
  piece(index: number): Uint8Array | null {
    return this.viewPiece(index)?.slice() ?? null;
  }

  /** A piece as it is now, not a copy; or null where it is all zero. */
  viewPiece(index: number): Uint8Array | null {
    const frame = this.#frames.get(Math.floor(index / PIECES_PER_FRAME));
    if (frame === undefined) return null;
    const start = (index % PIECES_PER_FRAME) * PIECE_BYTES;
    for (let at = start; at < start + PIECE_BYTES; at += 4) {
      if (frame.view.getUint32(at, true) !== 0) return frame.bytes.subarray(start, start + PIECE_BYTES);
    }
    return null;
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
 * Memory to try things on: reads come from the real memory, writes stay here. One is used again for every ring.
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
    this.#spare.push(...this.#frames.values());
    this.#frames.clear();
  }

  window(address: number): DeviceMemory {
    return new Window(this, address);
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
