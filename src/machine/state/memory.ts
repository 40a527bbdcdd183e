import type { Journal } from "#base/cells.ts";
import { allocateWords } from "#base/slab.ts";
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
  /** For each piece, the turn in which it was journaled last; in scratch memory the first alone: when it was filled. */
  readonly turns: number[];
}

function newFrame(): Frame {
  const bytes = new Uint8Array(PAGE_BYTES);
  const turns = new Array<number>(PIECES_PER_FRAME).fill(0);
  return { bytes, view: new DataView(bytes.buffer), words: new Uint32Array(bytes.buffer), turns };
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
  /**
   * Counts the commands: a piece of this turn is in the journal already. Nothing is emptied at a command's end, for a Set or Map
   * that is cleared again and again chains its old tables together, and the collector then finds none of them dead.
   */
  #turn = 1;
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
    const { turns } = this.frame(Math.floor(piece / PIECES_PER_FRAME));
    const place = piece % PIECES_PER_FRAME;
    if (turns[place] === this.#turn) return;
    turns[place] = this.#turn;
    this.#journal.pieces.push({ piece, before: this.piece(piece) });
  }

  /** From here on every piece that is written is journaled anew: a command begins, or a batch was undone. */
  beginCommand(): void {
    this.#lastTouched = -1;
    this.#turn += 1;
  }

  /** A copy of a piece, as {@link Frame.words}, or null where it is all zero. */
  piece(index: number): Uint32Array | null {
    const words = allocateWords(PIECE_WORDS);
    return this.copyPiece(index, words, 0) ? words : null;
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

  /** Fills a piece past the journal: for loading a snapshot. */
  loadPiece(index: number, bytes: Uint8Array): void {
    const frame = this.frame(Math.floor(index / PIECES_PER_FRAME));
    frame.bytes.set(bytes, (index % PIECES_PER_FRAME) * PIECE_BYTES);
  }

  /** Puts a piece back, past the journal: for undoing. */
  restorePiece(index: number, words: Uint32Array | null): void {
    const frame = this.frame(Math.floor(index / PIECES_PER_FRAME));
    const start = (index % PIECES_PER_FRAME) * PIECE_WORDS;
    if (words === null) frame.words.fill(0, start, start + PIECE_WORDS);
    else frame.words.set(words, start);
  }

  /** Every piece that is not all zero, by ascending number. */
  *pieces(): Generator<{ readonly piece: number; readonly bytes: Uint8Array }> {
    for (const index of [...this.#frames.keys()].sort((a, b) => a - b)) {
      for (let i = 0; i < PIECES_PER_FRAME; i += 1) {
        const piece = index * PIECES_PER_FRAME + i;
        const words = this.piece(piece);
        if (words !== null)
          yield { piece, bytes: new Uint8Array(words.buffer, words.byteOffset, PIECE_BYTES) };
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
  readonly #windows = new Map<number, DeviceMemory>();
  #turn = 1;

  constructor(real: PhysicalMemory) {
    this.#real = real;
  }

  /** Forgets every write. */
  reset(): void {
    this.#turn += 1;
  }

  window(address: number): DeviceMemory {
    let window = this.#windows.get(address);
    if (window === undefined) {
      window = windowOn(this, address);
      this.#windows.set(address, window);
    }
    this.frame(frameOf(address));
    return window;
  }

  /** The frame, filled from the real one where it was not yet since the last {@link reset}. */
  frame(index: number): Frame {
    let frame = this.#frames.get(index);
    if (frame === undefined) {
      frame = newFrame();
      this.#frames.set(index, frame);
    }
    if (frame.turns[0] !== this.#turn) {
      frame.turns[0] = this.#turn;
      const real = this.#real.peek(index);
      if (real === undefined) frame.bytes.fill(0);
      else frame.bytes.set(real.bytes);
    }
    return frame;
  }

  beforeWrite(): void {
    // Nothing is journaled: what is written here is only tried.
  }
}
