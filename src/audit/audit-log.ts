import { isProblem, type Problem, problem } from "#base/problem.ts";
import type { Database } from "#store/database.ts";
import type { LeafMaker } from "#store/log-writer.ts";
import { CheckpointRows } from "./checkpoints.ts";
import { leafMaker } from "./entry/leaf-maker.ts";
import { auditFiles } from "./files.ts";
import { addToChain, chainOf, claimedKeys } from "./key-chain.ts";
import { readKey, settleRotation, writeKey } from "./key-file.ts";
import { sameHash } from "./merkle/hash.ts";
import { consistencyProof } from "./merkle/proofs.ts";
import { keepOutside, newestOutside } from "./newest-checkpoint.ts";
import { openCheckpoint, type SignedCheckpoint, signCheckpoint } from "./note/checkpoint.ts";
import { formatVerifierKey, generateSignerKey, type SignerKey, type VerifierKey } from "./note/keys.ts";
import { originOf } from "./origin.ts";
import { Schedule, SIGNED_AT_ONCE, type Signing } from "./schedule.ts";
import { TILE_WIDTH } from "./tiles/layout.ts";
import { RecentLeaves } from "./tree/recent-leaves.ts";
import { TreeReader } from "./tree/tree-reader.ts";
import { TreeWriter } from "./tree/tree-writer.ts";

/** Events of an older log that are taken into the tree at once, between two turns of the writer. */
const SLICE_EVENTS = 4096;
/** Leaves that are kept at hand: those that are signed at once, and the tile before. */
const RECENT_LEAVES = SIGNED_AT_ONCE + TILE_WIDTH;
/** Events of an older log that a closing server still takes into the tree. */
const CLOSING_EVENTS = 131_072;
/** An asked-for checkpoint is at least so much younger than the one before it. */
const FRESH_MS = 1000;

export interface AuditOptions {
  /** Path of the log; key and newest checkpoint lie beside it. */
  readonly file: string;
  /** Name of the host, for the origin of a new log. */
  readonly name: string;
  /** Go on under a new key where the log's own is missing or another. */
  readonly newKey: boolean;
}

/** The audit tree of a log that is being written: its key, its checkpoints. Its leaves come with the events. */
export class AuditLog {
  /** For the writer of events. */
  readonly leaves: LeafMaker;
  readonly #db: Database;
  readonly #file: string;
  readonly #key: SignerKey;
  readonly #keys: readonly VerifierKey[];
  readonly #reader: TreeReader;
  readonly #leavesFrom: number;
  readonly #writer: TreeWriter;
  readonly #rows: CheckpointRows;
  readonly #schedule: Schedule;
  readonly #listeners = new Set<() => void>();
  readonly #faultListeners = new Set<(fault: string | null) => void>();
  #newest: SignedCheckpoint | null;
  #signedMs = Number.NEGATIVE_INFINITY;
  #fault: string | null = null;

  private constructor(
    db: Database,
    file: string,
    key: SignerKey,
    keys: readonly VerifierKey[],
    reader: TreeReader,
    leavesFrom: number,
    newest: SignedCheckpoint | null,
    recent: RecentLeaves,
  ) {
    this.leaves = leafMaker(recent);
    this.#db = db;
    this.#file = file;
    this.#key = key;
    this.#keys = keys;
    this.#reader = reader;
    this.#leavesFrom = leavesFrom;
    this.#writer = new TreeWriter(db, reader, leavesFrom);
    this.#rows = new CheckpointRows(db);
    this.#newest = newest;
    this.#schedule = new Schedule(() => this.#sign());
    if (reader.size() > this.signedSize) this.#schedule.soon();
  }

  /**
   * Opens the tree of a log, making it and its key where there are none. The log is held to the newest checkpoint that was signed.
   *
   * @param db the writer's connection, outside any transaction
   * @returns `log-rolled-back` or `log-rewritten` where the log is not what was signed; `audit-key-missing`, `audit-key-foreign`
   */
  static open(db: Database, options: AuditOptions): AuditLog | Problem {
    const { file } = options;
    const recent = new RecentLeaves(RECENT_LEAVES);
    const reader = new TreeReader(db, recent);
    const begun = begin(db, reader.size(), options);
    if (isProblem(begun)) return begun;
    const keys = claimedKeys(chainOf(db));
    if (isProblem(keys)) return keys;
    const newest = newestSigned(db, file, keys);
    if (isProblem(newest)) return newest;
    const fault = newest === null ? null : signedFault(reader, file, newest);
    return fault ?? new AuditLog(db, file, begun.key, keys, reader, begun.leavesFrom, newest, recent);
  }

  /** Which log this is: the first line of its checkpoints. */
  get origin(): string {
    return this.#key.verifier.name;
  }

  /** The key that signs now. */
  get verifierKey(): string {
    return formatVerifierKey(this.#key.verifier);
  }

  /** Every key that signed this log, as it says itself. */
  get keys(): readonly VerifierKey[] {
    return this.#keys;
  }

  /** Calls back when a checkpoint was signed. Returns how to stop it. */
  onSigned(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Calls back when signing begins to fail, with why, and with null when it works again. Returns how to stop it. */
  onFault(listener: (fault: string | null) => void): () => void {
    this.#faultListeners.add(listener);
    return () => this.#faultListeners.delete(listener);
  }

  /** Proof that the first `from` events are a prefix of the first `to`, which must be signed. */
  consistency(from: number, to: number): Uint8Array[] {
    return consistencyProof(this.#reader.node, from, to);
  }

  /** The checkpoint signed last; null: none yet. */
  get newest(): SignedCheckpoint | null {
    return this.#newest;
  }

  /** Events under the newest checkpoint. */
  get signedSize(): number {
    return this.#newest?.checkpoint.size ?? 0;
  }

  /** Why the last try to sign failed, null: it did not. */
  get fault(): string | null {
    return this.#fault;
  }

  /** A commit is done: signs at once where many events are unsigned, else in a moment. */
  committed(headSeq: number): void {
    this.#schedule.after(headSeq - this.signedSize);
  }

  /**
   * A checkpoint over all that is committed, or one that is hardly older; `audit-unready` while an older log's tree is made.
   *
   * @param seq that it has to reach, if the log does
   */
  checkpoint(seq = 0): SignedCheckpoint | Problem {
    const isFresh = performance.now() - this.#signedMs < FRESH_MS && this.signedSize >= seq;
    if (!(isFresh && this.#newest !== null)) this.#sign();
    if (this.#newest !== null) return this.#newest;
    if (this.#fault !== null) return problem("log-unwritable", { why: this.#fault });
    return problem("audit-unready", { done: this.#writer.settled, total: this.#reader.size() });
  }

  /** Puts other signatures (witnesses') beside ours on the newest checkpoint. Refused where it is not the same checkpoint. */
  replaceNewest(text: string): Problem | null {
    const signed = openCheckpoint(text, this.#keys);
    if (isProblem(signed)) return signed;
    if (signed.note.text !== this.#newest?.note.text) {
      return problem("checkpoint-invalid", { why: "it is not the newest one of this log" });
    }
    this.#db
      .transaction(() => this.#rows.add({ size: signed.checkpoint.size, note: signed.text }))
      .immediate();
    this.#newest = signed;
    return keepOutside(this.#file, signed);
  }

  /** Signs what is unsigned, while the database is still open. */
  close(): void {
    this.#schedule.stop();
    if (this.#leavesFrom - this.#writer.settled <= CLOSING_EVENTS) this.#sign(CLOSING_EVENTS);
  }

  /** Signs nothing any more. */
  abandon(): void {
    this.#schedule.stop();
  }

  /** Brings the tree on, and signs it where it is whole. */
  #sign(oldEventsMax = SLICE_EVENTS): Signing {
    try {
      const size = this.#reader.size();
      if (size > this.signedSize) {
        const isOld = this.#writer.settled + 1 < this.#leavesFrom;
        const eventsMax = isOld ? oldEventsMax : Number.POSITIVE_INFINITY;
        const signed = this.#db.transaction(() => this.#advance(size, eventsMax)).immediate();
        if (signed === null) return "more";
        this.#newest = signed;
        this.#signedMs = performance.now();
        this.#keepNewest(signed);
        for (const listener of this.#listeners) listener();
      } else if (this.#fault !== null && this.#newest !== null) this.#keepNewest(this.#newest);
    } catch (error) {
      // A full disk, or a log that somebody altered under us: what is committed stays, and the next moment tries again.
      this.#tell((error as Error).message);
    }
    return this.#fault === null ? "done" : "failed";
  }

  #keepNewest(signed: SignedCheckpoint): void {
    this.#tell(keepOutside(this.#file, signed)?.detail ?? null);
  }

  #tell(fault: string | null): void {
    if (fault === this.#fault) return;
    this.#fault = fault;
    for (const listener of this.#faultListeners) listener(fault);
  }

  #advance(size: number, eventsMax: number): SignedCheckpoint | null {
    if (!this.#writer.advance(size, eventsMax)) return null;
    const signed = signCheckpoint({ size, root: this.#reader.root(size) }, this.#key);
    this.#rows.add({ size, note: signed.text });
    return signed;
  }
}

interface Begun {
  readonly key: SignerKey;
  readonly leavesFrom: number;
}

/** The log's key and place of its leaves; made where the log has no tree yet. */
function begin(db: Database, headSeq: number, { file, name, newKey }: AuditOptions): Begun | Problem {
  const row = logRow(db);
  const last = chainOf(db).at(-1);
  const settled = last === undefined ? null : settleRotation(file, last.vkey);
  if (settled !== null) return settled;
  const found = readKey(file);
  if (isProblem(found)) return found;
  if (row === undefined || last === undefined) return beginTree(db, headSeq, file, found, name);

  const expected = last.vkey;
  if (found !== null && formatVerifierKey(found.verifier) === expected) {
    return { key: found, leavesFrom: row.leavesFrom };
  }
  if (!newKey) {
    const keyFile = auditFiles(file).key;
    if (found === null) return problem("audit-key-missing", { file, keyFile });
    return problem("audit-key-foreign", { keyFile, found: formatVerifierKey(found.verifier), expected });
  }
  const key = generateSignerKey(row.origin, "note");
  const unwritten = writeKey(file, key);
  if (unwritten !== null) return unwritten;
  const vkey = formatVerifierKey(key.verifier);
  db.transaction(() =>
    addToChain(db, { number: last.number + 1, vkey, fromSize: headSeq, note: null }),
  ).immediate();
  return { key, leavesFrom: row.leavesFrom };
}

/** Makes the tree of a new log, or of one from before there were trees. A key that is there already was made by a start cut off. */
function beginTree(
  db: Database,
  headSeq: number,
  file: string,
  found: SignerKey | null,
  name: string,
): Begun | Problem {
  const key = found ?? generateSignerKey(originOf(name), "note");
  const unwritten = found === null ? writeKey(file, key) : null;
  if (unwritten !== null) return unwritten;
  const leavesFrom = headSeq + 1;
  db.transaction(() => {
    db.prepare<[string, number]>("INSERT INTO audit_log (id, origin, leaves_from) VALUES (1, ?, ?)").run(
      key.verifier.name,
      leavesFrom,
    );
    addToChain(db, { number: 1, vkey: formatVerifierKey(key.verifier), fromSize: 0, note: null });
  }).immediate();
  return { key, leavesFrom };
}

/** Which log this is, and from which event on leaves are in their events' rows; undefined: it has no tree. */
export function logRow(db: Database): { readonly origin: string; readonly leavesFrom: number } | undefined {
  return db
    .prepare<[], { origin: string; leavesFrom: number }>(
      "SELECT origin, leaves_from AS leavesFrom FROM audit_log WHERE id = 1",
    )
    .get();
}

/** The larger of the newest checkpoint beside the log and the newest in it. */
export function newestSigned(
  db: Database,
  file: string,
  keys: readonly VerifierKey[],
): SignedCheckpoint | null | Problem {
  const outside = newestOutside(file, keys);
  if (isProblem(outside)) return outside;
  const row = new CheckpointRows(db).newest();
  if (row === undefined) return outside;
  const inside = openCheckpoint(row.note, keys);
  if (isProblem(inside)) return inside;
  return outside !== null && outside.checkpoint.size > inside.checkpoint.size ? outside : inside;
}

/** How a log differs from a checkpoint that was signed over it, null: not at all. */
export function signedFault(
  reader: TreeReader,
  file: string,
  { checkpoint }: SignedCheckpoint,
): Problem | null {
  const { size, root } = checkpoint;
  const headSeq = reader.size();
  if (headSeq < size) return problem("log-rolled-back", { file, headSeq, signedSeq: size });
  return sameHash(reader.root(size), root) ? null : problem("log-rewritten", { file, signedSeq: size });
}
