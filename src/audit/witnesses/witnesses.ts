import { isProblem, type Problem } from "#base/problem.ts";
import type { AuditLog } from "../audit-log.ts";
import { keepCosigned, newestCosigned } from "../cosigned.ts";
import { openCheckpoint, type SignedCheckpoint } from "../note/checkpoint.ts";
import { formatNote, type NoteSignature } from "../note/note.ts";
import type { WitnessAddress } from "./address.ts";
import { AskedWitness, type AskingOptions, type WitnessStatus } from "./asked-witness.ts";

export interface WitnessesOptions extends AskingOptions {
  /** Path of the log. */
  readonly file: string;
  readonly witnesses: readonly WitnessAddress[];
}

/**
 * The witnesses of a log that is being written. Each is asked about every newest checkpoint beside the writer's work, which waits
 * for none of them; their cosignatures are put on the newest checkpoint, and the newest that has any is kept beside the log.
 */
export class Witnesses {
  readonly #audit: AuditLog;
  readonly #options: WitnessesOptions;
  readonly #asked: readonly AskedWitness[];
  readonly #stopListening: () => void;
  #cosigned: SignedCheckpoint | null = null;

  constructor(audit: AuditLog, options: WitnessesOptions) {
    this.#audit = audit;
    this.#options = options;
    const log = {
      newest: () => audit.newest,
      proof: (from: number, to: number) => audit.consistency(from, to),
      keep: (signed: SignedCheckpoint, signature: NoteSignature) => this.#keep(signed, signature),
    };
    const before = newestCosigned(options.file, audit.keys);
    if (!isProblem(before)) this.#cosigned = before;
    this.#asked = options.witnesses.map((address) => new AskedWitness(address, log, options));
    this.#stopListening = audit.onSigned(() => this.#ask());
    this.#ask();
  }

  /** How it goes with each, in the order in which they were given. */
  statuses(): WitnessStatus[] {
    return this.#asked.map(({ status }) => status);
  }

  /** The newest checkpoint that a witness cosigned, null: none yet. */
  get cosigned(): SignedCheckpoint | null {
    return this.#cosigned;
  }

  /** Has what is committed signed and cosigned a last time; waits so long for witnesses at the most. */
  async close(graceMs: number): Promise<void> {
    this.#audit.checkpoint(Number.POSITIVE_INFINITY);
    await Promise.all(this.#asked.map((witness) => witness.close(graceMs)));
    this.#stopListening();
  }

  #ask(): void {
    for (const witness of this.#asked) witness.ask();
  }

  #keep(signed: SignedCheckpoint, signature: NoteSignature): void {
    const fault = this.#keepOnNewest(signed, signature) ?? this.#keepBeside(signed, signature);
    if (fault !== null) this.#options.tell(`a cosignature could not be kept: ${fault.detail}`);
  }

  /** On the newest checkpoint, unless that is another one by now. */
  #keepOnNewest(signed: SignedCheckpoint, signature: NoteSignature): Problem | null {
    const { newest } = this.#audit;
    if (newest?.note.text !== signed.note.text) return null;
    return this.#audit.replaceNewest(withSignature(newest, signature));
  }

  #keepBeside(signed: SignedCheckpoint, signature: NoteSignature): Problem | null {
    const before = this.#cosigned;
    if (before !== null && before.checkpoint.size > signed.checkpoint.size) return null;
    const base = before?.note.text === signed.note.text ? before : signed;
    const cosigned = openCheckpoint(withSignature(base, signature), this.#audit.keys);
    if (isProblem(cosigned)) return cosigned;
    this.#cosigned = cosigned;
    return keepCosigned(this.#options.file, cosigned);
  }
}

/** The checkpoint with a signature more, in the place of an older one of the same key. */
function withSignature({ note }: SignedCheckpoint, signature: NoteSignature): string {
  const others = note.signatures.filter(({ name, id }) => name !== signature.name || id !== signature.id);
  return formatNote({ text: note.text, signatures: [...others, signature] });
}
