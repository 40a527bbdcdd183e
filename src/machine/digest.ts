import type { CellChange, Journal, JournalMark, Scalar } from "#base/cells.ts";
import type { PhysicalMemory } from "./memory.ts";

/** SHA-256 of a text (UTF-8) or of bytes: 32 bytes. Handed in, because the pure rooms have no node:crypto. */
export type Hash = (data: string | Uint8Array) => Uint8Array;

const LANES = 8;
const LANE = 0x1_0000_0000;

/**
 * The state digest: the sum, modulo 2^256, of SHA-256 over every cell (path and value) and every 128-byte piece of memory that
 * is not all zero. A change costs two hashes, however large the state is. Kept as eight 32-bit lanes, least significant first.
 */
export class Digest {
  readonly #hash: Hash;
  readonly #lanes: Float64Array = new Float64Array(LANES);
  readonly #pieceInput = new Uint8Array(1 + 8 + 128);
  readonly #pieceView = new DataView(this.#pieceInput.buffer);

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** Follows what the journal holds since `mark`: one command's changes. */
  follow(journal: Journal, mark: JournalMark, memory: PhysicalMemory): void {
    const { cells, pieces } = journal;
    for (let i = mark.cells; i < cells.length; i += 1) {
      const change = cells[i] as CellChange;
      this.#cell(change, change.before, -1);
      this.#cell(change, change.after, 1);
    }
    for (let i = mark.pieces; i < pieces.length; i += 1) {
      const { piece, before } = pieces[i] as { piece: number; before: Uint8Array | null };
      this.piece(piece, before, -1);
      this.piece(piece, memory.piece(piece), 1);
    }
  }

  /** Takes a cell in (1) or out (-1). */
  cell(table: string, row: number | string, column: string, value: Scalar, sign: 1 | -1): void {
    this.#add(this.#hash(`${table}/${row}/${column}=${JSON.stringify(value)}`), sign);
  }

  /** Takes a piece of memory in (1) or out (-1); one that is all zero (null) counts nothing. */
  piece(piece: number, bytes: Uint8Array | null, sign: 1 | -1): void {
    if (bytes === null) return;
    this.#pieceView.setFloat64(1, piece);
    this.#pieceInput.set(bytes, 9);
    this.#add(this.#hash(this.#pieceInput), sign);
  }

  /** The digest, 32 bytes, big-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(4 * LANES);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < LANES; i += 1) view.setUint32(4 * (LANES - 1 - i), this.#lanes[i] as number);
    return bytes;
  }

  /** Takes over a digest that {@link bytes} gave. */
  load(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < LANES; i += 1) this.#lanes[i] = view.getUint32(4 * (LANES - 1 - i));
  }

  #cell(change: CellChange, value: Scalar | undefined, sign: 1 | -1): void {
    if (value !== undefined) this.cell(change.table.name, change.row, change.column, value, sign);
  }

  #add(hash: Uint8Array, sign: 1 | -1): void {
    let carry = 0;
    for (let i = 0; i < LANES; i += 1) {
      const at = 4 * (LANES - 1 - i);
      const word =
        (hash[at] as number) * 0x100_0000 +
        (((hash[at + 1] as number) << 16) | ((hash[at + 2] as number) << 8) | (hash[at + 3] as number));
      const sum = (this.#lanes[i] as number) + sign * word + carry;
      carry = sum < 0 ? -1 : sum >= LANE ? 1 : 0;
      this.#lanes[i] = sum - carry * LANE;
    }
  }
}
