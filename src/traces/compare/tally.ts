/** Answers that differ in the same way. */
export interface DifferenceGroup {
  /** Null: it is about the host as a whole. */
  readonly agentId: number | null;
  readonly message: string;
  /** In what they differ. */
  readonly cause: string;
  readonly count: number;
  /** The first of them. */
  readonly first: {
    /** Seq of the observation, and its line in the trace. */
    readonly seq: number;
    readonly line: number;
    readonly request: string;
    readonly board: string;
    readonly model: string;
  };
}

/** What was compared of one kind. */
export interface Tally {
  readonly same: number;
  readonly different: number;
}

/** What is compared: answers to commands, delayed responses, notifications, lines of Xen. */
export type Compared = "requests" | "delayed" | "notifications" | "xen";

/** One difference. */
export interface Found {
  readonly agentId: number | null;
  readonly message: string;
  readonly cause: string;
  readonly seq: number;
  readonly line: number;
  readonly request: string;
  readonly board: string;
  readonly model: string;
}

/** Counts what is alike, and groups what differs. */
export class Tallies {
  readonly #tallies = new Map<Compared, { same: number; different: number }>();
  readonly #notPlayed = new Map<string, number>();
  readonly #groups = new Map<string, DifferenceGroup>();

  same(kind: Compared): void {
    this.#of(kind).same += 1;
  }

  differs(kind: Compared, { agentId, message, cause, ...first }: Found): void {
    this.#of(kind).different += 1;
    const key = `${agentId} ${message} ${cause}`;
    const before = this.#groups.get(key);
    const isFirst = before === undefined || first.seq < before.first.seq;
    this.#groups.set(key, {
      agentId,
      message,
      cause,
      count: (before?.count ?? 0) + 1,
      first: isFirst ? first : before.first,
    });
  }

  /** Something that could not be played, and why. */
  notPlayed(reason: string): void {
    this.#notPlayed.set(reason, (this.#notPlayed.get(reason) ?? 0) + 1);
  }

  tally(kind: Compared): Tally {
    return { ...this.#of(kind) };
  }

  reasons(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#notPlayed);
  }

  /** In the order of their first. */
  groups(): DifferenceGroup[] {
    return [...this.#groups.values()].sort((a, b) => a.first.seq - b.first.seq);
  }

  #of(kind: Compared) {
    const tally = this.#tallies.get(kind) ?? { same: 0, different: 0 };
    this.#tallies.set(kind, tally);
    return tally;
  }
}
