import type { CommandKind } from "#machine/commands/commands.ts";
import type { LeafDifference } from "../json-diff.ts";
import type { OutcomeDifference } from "./outcome.ts";

/** Outcomes, and differences of the state, that a report lists; all are counted. */
export const LISTED_MAX = 1000;

/**
 * What became of a command in the fork. `same`: it recorded the same events; `refused`: it was not refused when it happened, and is
 * in the fork; `different`: anything else came of it; `new`: it was inserted; `gone`: it was skipped.
 */
export const VERDICTS = ["same", "different", "refused", "new", "gone"] as const;
export type Verdict = (typeof VERDICTS)[number];
export type Tally = Readonly<Record<Verdict, number>>;

/** What came of a command in the fork, where that is not what happened. */
export interface ForkedOutcome {
  readonly verdict: Exclude<Verdict, "same">;
  /** Whether somebody asked for another command, time or board here: then the difference is no consequence. */
  readonly isChanged: boolean;
  readonly kind: CommandKind;
  /** The recorded command and its first event; null: there is none. */
  readonly commandId: number | null;
  readonly seq: number | null;
  /** The first difference, of those that are `different` or `refused`. */
  readonly difference: OutcomeDifference | null;
  /** Its events in words: as recorded, and in the fork. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** Why the fork refused it without recording anything. */
  readonly refusal: string | null;
}

/** What would have been otherwise. */
export interface WhatIfReport extends Tally {
  /** The events between which the fork lies, at the ends of their commands. */
  readonly at: number;
  readonly to: number;
  /** Whether the fork was moved back to the host's configuration, because the board or its rules are others. */
  readonly isFromBoot: boolean;
  /** The same counts for each kind of command that there was, in the order of the kinds' names. */
  readonly kinds: readonly ({ readonly kind: CommandKind } & Tally)[];
  /** The first outcome that differs as a consequence. */
  readonly first: ForkedOutcome | null;
  /** All that are not the same, in order; the first of them where there are too many. */
  readonly outcomes: readonly ForkedOutcome[];
  /** In what the state at the end differs: recorded, and as replayed in the fork. */
  readonly state: readonly LeafDifference[];
  readonly stateCount: number;
  readonly stateHash: string;
  readonly liveStateHash: string;
}

/** Counts of outcomes, in all and for each kind of command. */
export class Tallies {
  readonly all: Record<Verdict, number> = none();
  readonly #kinds = new Map<CommandKind, Record<Verdict, number>>();

  add(kind: CommandKind, verdict: Verdict): void {
    const ofKind = this.#kinds.get(kind) ?? none();
    this.#kinds.set(kind, ofKind);
    ofKind[verdict] += 1;
    this.all[verdict] += 1;
  }

  kinds(): WhatIfReport["kinds"] {
    return [...this.#kinds]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([kind, counts]) => ({ kind, ...counts }));
  }
}

function none(): Record<Verdict, number> {
  return { same: 0, different: 0, refused: 0, new: 0, gone: 0 };
}
