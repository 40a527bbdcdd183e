import type { CellChange, Journal, JournalMark, PieceChange, Scalar } from "#base/cells.ts";
import { type PhysicalMemory, PIECE_BYTES } from "./memory.ts";
import type { MachineState } from "./state.ts";

/**
 * SHA-256 of a text (UTF-8) or of bytes, as a text of 32 characters, U+0000 to U+00FF: one a byte. Handed in, because the pure
 * rooms have no node:crypto. Text comes back because Node makes it in a third of the time that it needs for a buffer.
 */
export type Hash = (data: string | Uint8Array) => string;

const LANES = 8;
const LANE = 0x1_0000_0000;
const BYTES_PER_LANE = 4;
const PIECE_HEAD_BYTES = 8;

/** So many changes may well be of the same cells again and again: a rebuild follows a thousand events at once. */
const COALESCED_FROM = 64;

/**
 * The state digest: the sum, modulo 2^256, of SHA-256 over every cell (path and value) and every 128-byte piece of memory that
 * is not all zero. A change costs two hashes at the most, however large the state is. Kept as eight 32-bit lanes, least
 * significant first.
 */
export class Digest {
  readonly #hash: Hash;
  readonly #lanes = new Float64Array(LANES);
  /** Hash of each piece that is in the sum, so that taking it out again costs none. */
  readonly #pieceHashes = new Map<number, string>();
  /** What is hashed of a piece: its number (f64, big-endian), then its bytes. */
  readonly #pieceInput = new Uint8Array(PIECE_HEAD_BYTES + PIECE_BYTES);
  readonly #pieceView = new DataView(this.#pieceInput.buffer);
  readonly #pieceWords = new Uint32Array(this.#pieceInput.buffer);

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  /** Follows what the journal holds since `mark`: one command's changes. */
  follow(journal: Journal, mark: JournalMark, memory: PhysicalMemory): void {
    const { cells, pieces } = journal;
    const changes = cells.length - mark.cells > COALESCED_FROM ? coalesced(cells, mark.cells) : cells;
    for (let i = changes === cells ? mark.cells : 0; i < changes.length; i += 1) {
      const change = changes[i] as CellChange;
      if (change.before === change.after) continue;
      this.#cell(change, change.before, -1);
      this.#cell(change, change.after, 1);
    }
    for (let i = mark.pieces; i < pieces.length; i += 1) {
      const { piece, before } = pieces[i] as PieceChange;
      if (before !== null) this.#takeOut(piece, before);
      if (memory.copyPiece(piece, this.#pieceWords, PIECE_HEAD_BYTES / 4)) this.#takeIn(piece);
      else this.#pieceHashes.delete(piece);
    }
  }

  /** Takes a cell in (1) or out (-1). */
  cell(table: string, row: number | string, column: string, value: Scalar, sign: 1 | -1): void {
    this.#add(this.#hash(`${table}/${row}/${column}=${JSON.stringify(value)}`), sign);
  }

  /** Takes a piece of memory in that is not all zero; one that is counts nothing. */
  piece(piece: number, bytes: Uint8Array): void {
    this.#pieceInput.set(bytes, PIECE_HEAD_BYTES);
    this.#takeIn(piece);
  }

  /** The digest, 32 bytes, big-endian. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(4 * LANES);
    for (let lane = 0; lane < LANES; lane += 1) {
      const word = this.#lanes[lane] as number;
      const at = 4 * (LANES - 1 - lane);
      bytes[at] = word >>> 24;
      bytes[at + 1] = word >>> 16;
      bytes[at + 2] = word >>> 8;
      bytes[at + 3] = word;
    }
    return bytes;
  }

  /** Whether the 32 bytes at `at` are the digest's. */
  equals(bytes: Uint8Array, at: number): boolean {
    for (let lane = 0; lane < LANES; lane += 1) {
      const word = this.#lanes[lane] as number;
      const from = at + 4 * (LANES - 1 - lane);
      if (bytes[from] !== word >>> 24 || bytes[from + 1] !== ((word >>> 16) & 0xff)) return false;
      if (bytes[from + 2] !== ((word >>> 8) & 0xff) || bytes[from + 3] !== (word & 0xff)) return false;
    }
    return true;
  }

  /** Takes over a digest that {@link bytes} gave, of a state that this one did not follow. */
  load(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < LANES; i += 1) this.#lanes[i] = view.getUint32(4 * (LANES - 1 - i));
    this.#pieceHashes.clear();
  }

  #cell(change: CellChange, value: Scalar | undefined, sign: 1 | -1): void {
    if (value !== undefined) this.cell(change.table.name, change.row, change.column, value, sign);
  }

  /** Takes a piece out; its hash stays until that of what is there now takes its place. */
  #takeOut(piece: number, before: Uint32Array): void {
    let hash = this.#pieceHashes.get(piece);
    if (hash === undefined) {
      this.#pieceWords.set(before, PIECE_HEAD_BYTES / 4);
      hash = this.#hashPiece(piece);
    }
    this.#add(hash, -1);
  }

  /** Takes in the piece whose bytes are in the input. */
  #takeIn(piece: number): void {
    const hash = this.#hashPiece(piece);
    this.#pieceHashes.set(piece, hash);
    this.#add(hash, 1);
  }

  #hashPiece(piece: number): string {
    this.#pieceView.setFloat64(0, piece);
    return this.#hash(this.#pieceInput);
  }

  #add(hash: string, sign: 1 | -1): void {
    let carry = 0;
    for (let lane = 0; lane < LANES; lane += 1) {
      const at = BYTES_PER_LANE * (LANES - 1 - lane);
      const high = (hash.charCodeAt(at) << 24) | (hash.charCodeAt(at + 1) << 16);
      const low = (hash.charCodeAt(at + 2) << 8) | hash.charCodeAt(at + 3);
      const sum = (this.#lanes[lane] as number) + sign * ((high | low) >>> 0) + carry;
      carry = sum < 0 ? -1 : sum >= LANE ? 1 : 0;
      this.#lanes[lane] = sum - carry * LANE;
    }
  }
}

/** The changes of each cell as one, from what it was at first to what it is at last. */
function coalesced(cells: readonly CellChange[], from: number): CellChange[] {
  const whole = new Map<string, CellChange>();
  for (let i = from; i < cells.length; i += 1) {
    const change = cells[i] as CellChange;
    const { table, row, column, after } = change;
    // A row's type counts: 1 and "1" are two rows.
    const key = `${table.name}/${typeof row === "number" ? row : `"${row}"`}/${column}`;
    const earlier = whole.get(key);
    whole.set(key, earlier === undefined ? change : { table, row, column, before: earlier.before, after });
  }
  return [...whole.values()];
}

/** The digest of a whole state, counted afresh: what a {@link Digest} that followed it from the first event has come to. */
export function digestOf(state: MachineState, hash: Hash): Uint8Array {
  const digest = new Digest(hash);
  for (const table of state.tables()) {
    for (const row of table.keys()) {
      const cells = table.get(row) as { readonly [column: string]: Scalar };
      for (const column of Object.keys(cells)) digest.cell(table.name, row, column, cells[column] ?? null, 1);
    }
  }
  for (const { piece, bytes } of state.memory.pieces()) digest.piece(piece, bytes);
  return digest.bytes();
}
