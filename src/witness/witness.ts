import { randomBytes } from "node:crypto";
import { keyIn, writeKeyTo } from "#audit/key-file.ts";
import { emptyRoot, sameHash } from "#audit/merkle/hash.ts";
import { verifyConsistency } from "#audit/merkle/proofs.ts";
import { parseCheckpoint, type SignedCheckpoint } from "#audit/note/checkpoint.ts";
import { cosign } from "#audit/note/cosignature.ts";
import { formatVerifierKey, generateSignerKey, type SignerKey, type VerifierKey } from "#audit/note/keys.ts";
import { formatNote, isOfKey, signatureLine, signersOf } from "#audit/note/note.ts";
import { isProblem, type Problem, problem } from "#base/problem.ts";
import { lockForWriting, type WriterLock } from "#store/lock.ts";
import { parseAddCheckpoint } from "./request.ts";
import { emptyState, readState, type WitnessedLog, type WitnessState, writeState } from "./state-file.ts";

export interface WitnessOptions {
  /** File of what it has seen. */
  readonly state: string;
  /** File of its private key; made with the state. */
  readonly key: string;
  /** Name of a key that is to be made. Default: one that nobody else has. */
  readonly name?: string;
  /** The keys of the logs that it cosigns; several of one log are allowed. */
  readonly logs: readonly VerifierKey[];
  /** Now, seconds since 1970. */
  readonly now: () => number;
}

/** What an `add-checkpoint` is answered with. */
export type Reply =
  /** The cosignature, as a line of a note. */
  | { readonly status: 200; readonly body: string }
  /** It knows the log at another size, which the body is. */
  | { readonly status: 409; readonly body: string }
  /** Why not, in words. */
  | { readonly status: 400 | 403 | 404 | 422; readonly body: string };

/** What is known of a log. */
export interface Witnessed {
  readonly origin: string;
  /** Of the newest checkpoint that was cosigned. */
  readonly size: number;
  readonly contradicted: boolean;
}

/**
 * A witness: it cosigns the checkpoints of the logs that it knows, as long as each goes on from the one before. Every answer is
 * worked out in one go, and what it says is on the disk before it is given.
 *
 * @see C2SP tlog-witness
 */
export class Witness {
  readonly #options: WitnessOptions;
  readonly #lock: WriterLock;
  readonly #key: SignerKey;
  #state: WitnessState;

  private constructor(options: WitnessOptions, lock: WriterLock, key: SignerKey, state: WitnessState) {
    this.#options = options;
    this.#lock = lock;
    this.#key = key;
    this.#state = state;
  }

  /**
   * Opens a witness, making its key and its state where there are neither. One of them alone is refused: a key whose state is gone
   * could be brought to vouch for a log that was rolled back.
   */
  static open(options: WitnessOptions): Witness | Problem {
    const lock = lockForWriting(options.state);
    if (isProblem(lock)) return lock;
    const opened = openParts(options);
    if (!isProblem(opened)) return new Witness(options, lock, opened.key, opened.state);
    lock.release();
    return opened;
  }

  get verifierKey(): string {
    return formatVerifierKey(this.#key.verifier);
  }

  /** The logs that it cosigns, by origin. */
  logs(): Witnessed[] {
    const origins = new Set(this.#options.logs.map(({ name }) => name));
    return [...origins].sort().map((origin) => ({
      origin,
      size: this.#newest(origin)?.checkpoint.size ?? 0,
      contradicted: this.#known(origin)?.contradiction !== undefined,
    }));
  }

  /** The newest checkpoint of a log that it cosigned, with the cosignature; null: none. */
  checkpointOf(origin: string): string | null {
    return this.#known(origin)?.checkpoint ?? null;
  }

  /**
   * Judges a checkpoint and cosigns it.
   *
   * @param body of the request
   * @throws where its state cannot be written: then nothing was cosigned
   */
  addCheckpoint(body: string): Reply {
    const asked = parseAddCheckpoint(body);
    if (typeof asked === "string") return { status: 400, body: asked };
    const { oldSize, proof, signed } = asked;
    const { checkpoint } = signed;
    const keys = this.#options.logs.filter(({ name }) => name === checkpoint.origin);
    if (keys.length === 0) return { status: 404, body: `the log ${checkpoint.origin} is not known here` };
    const signers = signersOf(signed.note, keys);
    if (isProblem(signers)) return { status: 403, body: signers.detail };
    if (oldSize > checkpoint.size) {
      return { status: 400, body: `the old size ${oldSize} is above the checkpoint's, ${checkpoint.size}` };
    }
    const newest = this.#newest(checkpoint.origin);
    const known = newest?.checkpoint ?? { size: 0, root: emptyRoot() };
    if (oldSize !== known.size) return { status: 409, body: `${known.size}\n` };
    if (checkpoint.size === 0 && !sameHash(checkpoint.root, emptyRoot())) {
      return { status: 422, body: "the root of a tree without leaves is the hash of nothing" };
    }
    if (checkpoint.size === known.size && !sameHash(checkpoint.root, known.root))
      this.#keepContradiction(signed);
    if (!verifyConsistency(known, checkpoint, proof)) {
      return {
        status: 422,
        body: `the proof does not show that the tree of ${checkpoint.size} goes on from the one of ${oldSize} that is known here`,
      };
    }
    return { status: 200, body: this.#cosign(signed, signers) };
  }

  close(): void {
    this.#lock.release();
  }

  #known(origin: string): WitnessedLog | undefined {
    return this.#state.logs.find((log) => log.origin === origin);
  }

  #newest(origin: string): SignedCheckpoint | null {
    const text = this.#known(origin)?.checkpoint;
    if (text === undefined) return null;
    const signed = parseCheckpoint(text);
    if (isProblem(signed))
      throw new Error(`bug: a checkpoint in the witness's state cannot be read: ${signed.detail}`);
    return signed;
  }

  #cosign({ note, checkpoint: { origin } }: SignedCheckpoint, signers: readonly VerifierKey[]): string {
    const before = this.#known(origin);
    const timeS = Math.max(this.#options.now(), before?.timeS ?? 0);
    const cosignature = cosign(note.text, this.#key, timeS);
    const ofLog = note.signatures.filter((signature) => signers.some((key) => isOfKey(signature, key)));
    const checkpoint = formatNote({ text: note.text, signatures: [...ofLog, cosignature] });
    this.#keep({ ...before, origin, checkpoint, timeS });
    return `${signatureLine(cosignature)}\n`;
  }

  #keepContradiction({ text, checkpoint: { origin } }: SignedCheckpoint): void {
    const before = this.#known(origin);
    if (before === undefined || before.contradiction !== undefined) return;
    this.#keep({ ...before, contradiction: text });
  }

  #keep(log: WitnessedLog): void {
    const others = this.#state.logs.filter(({ origin }) => origin !== log.origin);
    const next = { ...this.#state, logs: [...others, log] };
    writeState(this.#options.state, next);
    this.#state = next;
  }
}

function openParts({ state: file, key: keyFile, name }: WitnessOptions) {
  const found = keyIn(keyFile);
  if (isProblem(found)) return found;
  const state = readState(file);
  if (isProblem(state)) return state;
  const unread = state?.logs.find(({ checkpoint }) => isProblem(parseCheckpoint(checkpoint)));
  if (unread !== undefined) {
    return problem("witness-state-invalid", {
      file,
      why: `what it has of ${unread.origin} is no checkpoint`,
    });
  }
  // A first start that was cut off had written its state, and not yet its key: nothing was cosigned.
  if (found === null && (state === null || state.logs.length === 0)) return begin(file, keyFile, name);
  if (found === null)
    return problem("witness-key-foreign", { keyFile, found: null, expected: state?.key ?? "" });
  if (state === null) return problem("witness-state-missing", { file, keyFile });
  const vkey = formatVerifierKey(found.verifier);
  if (state.key !== vkey)
    return problem("witness-key-foreign", { keyFile, found: vkey, expected: state.key });
  return { key: found, state };
}

function begin(file: string, keyFile: string, name: string | undefined) {
  const key = generateSignerKey(
    name ?? `scmi-control-plane.invalid/witness/${randomBytes(4).toString("hex")}`,
    "cosignature",
  );
  const state = emptyState(formatVerifierKey(key.verifier));
  try {
    writeState(file, state);
  } catch (error) {
    return problem("file-unwritable", { file, why: (error as Error).message });
  }
  const unwritten = writeKeyTo(keyFile, key);
  return unwritten ?? { key, state };
}
