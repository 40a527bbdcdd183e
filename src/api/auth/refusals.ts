import type { RefusedRequest, RequestsRefused } from "#events/types.ts";

/** Refusals that get an event each, in one window; what comes then is counted. */
const SINGLE_MAX = 20;
const WINDOW_MS = 60_000;
/** Kinds of refusals that one event tells apart; what comes then is only counted. */
const KINDS_MAX = 20;

/**
 * Keeps a flood of refusals from filling the log: some of each window get an event of their own, and the rest share one at its
 * end, counted by kind.
 */
export class Refusals {
  readonly #record: (data: RequestsRefused) => Promise<unknown>;
  readonly #now: () => number;
  readonly #kinds = new Map<string, RefusedRequest>();
  #windowStart = Number.NEGATIVE_INFINITY;
  #singles = 0;
  #others = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param now UTC, milliseconds */
  constructor(record: (data: RequestsRefused) => Promise<unknown>, now: () => number) {
    this.#record = record;
    this.#now = now;
  }

  /** Whether a refusal gets an event of its own; if not, it is counted here. */
  hasRoom(refusal: Omit<RefusedRequest, "count">): boolean {
    const now = this.#now();
    if (now - this.#windowStart >= WINDOW_MS || now < this.#windowStart) {
      this.#windowStart = now;
      this.#singles = 0;
    }
    this.#singles += 1;
    if (this.#singles <= SINGLE_MAX) return true;
    this.#count(refusal);
    this.#timer ??= setTimeout(() => void this.tell(), WINDOW_MS).unref();
    return false;
  }

  /** Records what was counted, if anything was. */
  async tell(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#kinds.size === 0) return;
    const data = { requests: [...this.#kinds.values()], others: this.#others };
    this.#kinds.clear();
    this.#others = 0;
    await this.#record(data);
  }

  #count(refusal: Omit<RefusedRequest, "count">): void {
    const { code, method, path, actor, address } = refusal;
    const kind = [code, method, path, actor, address].join("\n");
    const known = this.#kinds.get(kind);
    if (known === undefined && this.#kinds.size >= KINDS_MAX) this.#others += 1;
    else this.#kinds.set(kind, { ...refusal, count: (known?.count ?? 0) + 1 });
  }
}
