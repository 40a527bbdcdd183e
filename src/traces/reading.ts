/** Faults of a trace that are told one by one; all are counted. */
const FAULTS_TOLD = 20;

/** A line that was meant to say something, and what is wrong with it. */
export interface LineFault {
  /** Number of the line, from 1. */
  readonly line: number;
  readonly why: string;
}

/** Faults of lines: the first of them, and how many there were. */
export class LineFaults {
  readonly told: LineFault[] = [];
  count = 0;

  add(line: number, why: string): void {
    this.count += 1;
    if (this.told.length < FAULTS_TOLD) this.told.push({ line, why });
  }
}
