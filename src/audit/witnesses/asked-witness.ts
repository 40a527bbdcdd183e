import { timeText } from "#base/time.ts";
import type { SignedCheckpoint } from "../note/checkpoint.ts";
import { formatVerifierKey } from "../note/keys.ts";
import type { NoteSignature } from "../note/note.ts";
import type { WitnessAddress } from "./address.ts";
import { askWitness, type WitnessAnswer } from "./ask-witness.ts";

/** A witness is given so long for one answer. */
const ANSWER_MS = 10_000;
/** The first wait after a failure; each further one is twice as long. */
const RETRY_MS = 1000;
const RETRY_MS_MAX = 300_000;
/** Sizes that a witness may name, each time another, before that is a failure. */
const CONFLICTS_MAX = 4;

export const WITNESS_STATES = ["waiting", "cosigning", "unreachable", "refusing", "contradicting"] as const;
export type WitnessState = (typeof WITNESS_STATES)[number];

/** How it goes with a witness. */
export interface WitnessStatus {
  /** Name of its key. */
  readonly name: string;
  readonly url: string;
  readonly vkey: string;
  /** `waiting`: it was not asked yet. `contradicting`: what it has seen of this log is not what this log has. */
  readonly state: WitnessState;
  /** Events under the newest checkpoint that it cosigned since the server started, and when it says it did. */
  readonly cosignedSize: number | null;
  readonly cosignedTime: string | null;
  /** What is wrong, null: nothing. */
  readonly fault: string | null;
  /** Failures since it cosigned last. */
  readonly failures: number;
}

/** The log, as a witness is asked about it. */
export interface WitnessedLog {
  /** The newest checkpoint, null: there is none yet. */
  newest(): SignedCheckpoint | null;
  /** Proof that the first `from` events are a prefix of the first `to`. */
  proof(from: number, to: number): readonly Uint8Array[];
  /** A cosignature came. */
  keep(signed: SignedCheckpoint, signature: NoteSignature): void;
}

export interface AskingOptions {
  /** Told where it begins to go wrong with a witness, and where it goes well again. */
  readonly tell: (line: string) => void;
  /** The first wait after a failure, milliseconds. For tests. */
  readonly retryMs?: number | undefined;
}

/** Asks one witness: one request at a time, always about the newest checkpoint, later and later where that fails. */
export class AskedWitness {
  readonly #address: WitnessAddress;
  readonly #log: WitnessedLog;
  readonly #options: AskingOptions;
  readonly #closing = new AbortController();
  /** Size at which the witness knows the log, as far as is known. */
  #knownSize = 0;
  #round: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #state: WitnessState = "waiting";
  #fault: string | null = null;
  #failures = 0;
  #cosigned: { readonly text: string; readonly size: number; readonly timeS: number } | null = null;

  constructor(address: WitnessAddress, log: WitnessedLog, options: AskingOptions) {
    this.#address = address;
    this.#log = log;
    this.#options = options;
  }

  get status(): WitnessStatus {
    const { url, key } = this.#address;
    return {
      name: key.name,
      url,
      vkey: formatVerifierKey(key),
      state: this.#state,
      cosignedSize: this.#cosigned?.size ?? null,
      cosignedTime: this.#cosigned === null ? null : timeText(this.#cosigned.timeS * 1_000_000),
      fault: this.#fault,
      failures: this.#failures,
    };
  }

  /** There is a new checkpoint. After a failure it waits for its time. */
  ask(): void {
    if (this.#timer !== null || this.#round !== null || this.#closing.signal.aborted) return;
    this.#round = this.#askUntilDone().finally(() => {
      this.#round = null;
      // Another checkpoint may have come when this round had just looked.
      if (this.#failures === 0 && this.#isBehind()) this.ask();
    });
  }

  /** Asks about the newest checkpoint a last time, for so long at the most. */
  async close(graceMs: number): Promise<void> {
    if (this.#failures === 0) this.ask();
    if (this.#timer !== null) clearTimeout(this.#timer);
    const cutOff = setTimeout(() => this.#closing.abort(), graceMs);
    while (this.#round !== null) await this.#round;
    clearTimeout(cutOff);
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #isBehind(): boolean {
    const newest = this.#log.newest();
    return newest !== null && newest.note.text !== this.#cosigned?.text;
  }

  async #askUntilDone(): Promise<void> {
    for (let conflicts = 0; this.#isBehind() && !this.#closing.signal.aborted; ) {
      const signed = this.#log.newest() as SignedCheckpoint;
      const { size } = signed.checkpoint;
      if (this.#knownSize > size) {
        this.#fail("contradicting", aheadText(this.#knownSize, size));
        return;
      }
      const proof = this.#log.proof(this.#knownSize, size);
      const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(ANSWER_MS)]);
      const answer = await askWitness(this.#address, signed, this.#knownSize, proof, signal);
      if (this.#closing.signal.aborted && answer.kind !== "cosigned") return;
      if (answer.kind === "conflict" && answer.size !== this.#knownSize && conflicts < CONFLICTS_MAX) {
        conflicts += 1;
        this.#knownSize = answer.size;
      } else if (answer.kind === "cosigned") this.#succeed(signed, answer);
      else {
        this.#fail(...failureOf(answer));
        return;
      }
    }
  }

  #succeed(signed: SignedCheckpoint, answer: Extract<WitnessAnswer, { kind: "cosigned" }>): void {
    const { size } = signed.checkpoint;
    if (this.#fault !== null) this.#options.tell(`witness ${this.#address.key.name} cosigns again`);
    this.#knownSize = size;
    this.#cosigned = { text: signed.note.text, size, timeS: answer.timeS };
    this.#state = "cosigning";
    this.#fault = null;
    this.#failures = 0;
    this.#log.keep(signed, answer.signature);
  }

  #fail(state: WitnessState, why: string): void {
    if (this.#state !== state) {
      this.#options.tell(`witness ${this.#address.key.name} (${this.#address.url}) is ${state}: ${why}`);
    }
    const wait = Math.min(
      RETRY_MS_MAX,
      (this.#options.retryMs ?? RETRY_MS) * 2 ** Math.min(this.#failures, 20),
    );
    this.#state = state;
    this.#fault = why;
    this.#failures += 1;
    // What it knew may be another's by then: it is asked anew.
    this.#knownSize = this.#cosigned?.size ?? 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.ask();
    }, wait).unref();
  }
}

function aheadText(known: number, size: number): string {
  return `it has seen ${known} events of this log, which has ${size} signed: this is an older copy, or another one is being written`;
}

function failureOf(answer: Exclude<WitnessAnswer, { kind: "cosigned" }>): [WitnessState, string] {
  switch (answer.kind) {
    case "conflict":
      return ["refusing", `it knows the log at ${answer.size} events, and does not take a proof from there`];
    case "contradicted":
      return ["contradicting", answer.why];
    case "refused":
      return ["refusing", answer.why];
    case "unreachable":
      return ["unreachable", answer.why];
  }
}
