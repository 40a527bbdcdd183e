/** Faults that a report lists; all are counted. */
const FAULTS_MAX = 100;

/** Something in a log that is not as it was signed, or cannot be. */
export interface Fault {
  /** The event at fault, where one can be named; of a run of events the first. */
  readonly seq: number | null;
  /** The table at fault, or `file`: it is about the log as a whole. */
  readonly table: string;
  readonly detail: string;
}

/** Gathers faults in the order in which they are found. */
export class Faults {
  readonly kept: Fault[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(table: string, seq: number | null, detail: string): void {
    this.#count += 1;
    if (this.kept.length < FAULTS_MAX) this.kept.push({ seq, table, detail });
  }
}
