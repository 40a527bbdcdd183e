/** So many unsigned events are signed at once. */
export const SIGNED_AT_ONCE = 16_384;
/** Fewer are signed so long after the first of them. */
const LATER_MS = 1000;

/** What a try to sign came to: `more`: the tree of an older log is not all made yet. */
export type Signing = "done" | "more" | "failed";

/** When to sign: soon after events came, and at once where they are many; again in a while where it failed. Keeps no process alive. */
export class Schedule {
  readonly #work: () => Signing;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;

  /** @param work signs */
  constructor(work: () => Signing) {
    this.#work = work;
  }

  /** There are so many unsigned events now. */
  after(unsigned: number): void {
    if (unsigned >= SIGNED_AT_ONCE) this.#run();
    else if (unsigned > 0) this.#arm(LATER_MS);
  }

  soon(): void {
    this.#arm(0);
  }

  stop(): void {
    this.#isStopped = true;
    this.#disarm();
  }

  #arm(ms: number): void {
    if (this.#timer !== null || this.#isStopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, ms).unref();
  }

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    if (this.#isStopped) return;
    const signing = this.#work();
    this.#disarm();
    if (signing !== "done") this.#arm(signing === "more" ? 0 : LATER_MS);
  }
}
