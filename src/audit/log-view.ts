import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import { wholeLogProblem } from "#store/packs.ts";
import { logRow, newestSigned, signedFault } from "./audit-log.ts";
import { CheckpointRows } from "./checkpoints.ts";
import { EntryRows } from "./entry/entry-rows.ts";
import { type ChainKey, chainOf, claimedKeys } from "./key-chain.ts";
import { readKey } from "./key-file.ts";
import { sameHash } from "./merkle/hash.ts";
import { consistencyProof, inclusionProof, type TreeHead } from "./merkle/proofs.ts";
import { keepOutside } from "./newest-checkpoint.ts";
import { parseCheckpoint, type SignedCheckpoint, signCheckpoint } from "./note/checkpoint.ts";
import { formatVerifierKey } from "./note/keys.ts";
import type { TlogProof } from "./note/tlog-proof.ts";
import { entryBundle } from "./tiles/bundle.ts";
import { TILE_WIDTH, type TilePath, tilePath, treeHasTile } from "./tiles/layout.ts";
import { TreeReader } from "./tree/tree-reader.ts";

/** A log's audit tree as readers see it: over a connection that cannot write. */
export class LogView {
  readonly #db: Database;
  readonly #reader: TreeReader;
  readonly #rows: CheckpointRows;
  readonly #entries: EntryRows;

  private constructor(db: Database) {
    this.#db = db;
    this.#reader = new TreeReader(db);
    this.#rows = new CheckpointRows(db);
    this.#entries = new EntryRows(db);
  }

  /** `audit-missing` where the log has no tree yet, `log-not-a-log` of a pack: it will never have one. */
  static of(db: Database): LogView | Problem {
    const isPack = wholeLogProblem(db, db.name, "it has no audit tree, which belongs to the whole log");
    if (isPack !== undefined) return isPack;
    const hasTables = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'audit_log'").get() !== undefined;
    return hasTables && logRow(db) !== undefined ? new LogView(db) : missing(db, "no audit tree yet");
  }

  /** First line of the log's checkpoints. */
  get origin(): string {
    return logRow(this.#db)?.origin ?? "";
  }

  /** The keys that the log says signed it, oldest first. */
  keys(): ChainKey[] {
    return chainOf(this.#db);
  }

  /** Events in the log. */
  size(): number {
    return this.#reader.size();
  }

  /** The newest checkpoint in the log; nobody looked at its signature here. */
  newest(): SignedCheckpoint | Problem {
    const row = this.#rows.newest();
    return row === undefined ? missing(this.#db, "no signed checkpoint yet") : parseCheckpoint(row.note);
  }

  /**
   * A checkpoint over the whole log, signed now if its key lies beside it, and then kept beside it too; without the key, the
   * newest that was signed. The log is held to that first: `log-rolled-back`, `log-rewritten`.
   */
  checkpoint(file: string): SignedCheckpoint | Problem {
    const keys = claimedKeys(this.keys());
    if (isProblem(keys)) return keys;
    const newest = newestSigned(this.#db, file, keys);
    if (isProblem(newest)) return newest;
    const fault = newest === null ? null : signedFault(this.#reader, file, newest);
    if (fault !== null) return fault;
    const size = this.size();
    if (newest?.checkpoint.size === size) return newest;
    const key = readKey(file);
    if (isProblem(key)) return key;
    const isOurs = key !== null && formatVerifierKey(key.verifier) === this.keys().at(-1)?.vkey;
    if (!isOurs) return newest ?? missing(this.#db, "no signed checkpoint, and no key beside it");
    const signed = signCheckpoint({ size, root: this.#reader.root(size) }, key);
    return keepOutside(file, signed) ?? signed;
  }

  /** Whether the log begins with what a checkpoint was signed over. */
  has({ checkpoint: { size, root } }: SignedCheckpoint): boolean {
    return size <= this.size() && sameHash(this.#reader.root(size), root);
  }

  /** Proof that an event is in the tree of a checkpoint, its entry with it; `seq-not-found` where that ends before it. */
  proof(seq: number, signed: SignedCheckpoint): TlogProof | Problem {
    const { size } = signed.checkpoint;
    const [extra] = seq < 1 || seq > size ? [] : this.#entries.entries(seq, seq);
    if (extra === undefined) return problem("seq-not-found", { seq, headSeq: size });
    return { extra, index: seq - 1, path: inclusionProof(this.#reader.node, seq - 1, size), signed };
  }

  /** Proof that the first `from` events are a prefix of the first `to`; `position-out-of-range`. */
  consistency(from: number, to: number): ConsistencyProof | Problem {
    const headSeq = this.size();
    const position = [to, from].find((size) => size > headSeq) ?? (from > to ? from : undefined);
    if (position !== undefined)
      return problem("position-out-of-range", { position, headSeq: Math.min(to, headSeq) });
    const head = (size: number): TreeHead => ({ size, root: this.#reader.root(size) });
    return { before: head(from), after: head(to), proof: consistencyProof(this.#reader.node, from, to) };
  }

  /** A tile or a bundle of entries of the tree of `size` events; `tile-not-found` where that does not have it. */
  tile(what: TilePath, size: number): Uint8Array | Problem {
    const { index, width } = what;
    const tile = { level: what.kind === "tile" ? what.level : 0, index, width };
    if (!treeHasTile(size, tile)) return problem("tile-not-found", { path: `/tlog/${tilePath(what)}`, size });
    if (what.kind === "tile") return this.#reader.tile(tile);
    return entryBundle(this.#entries.entries(index * TILE_WIDTH + 1, index * TILE_WIDTH + width));
  }
}

/** A tree and one that it is a prefix of. */
export interface ConsistencyProof {
  readonly before: TreeHead;
  readonly after: TreeHead;
  readonly proof: readonly Uint8Array[];
}

function missing(db: Database, what: string): Problem {
  return problem("audit-missing", { file: db.name, what });
}
