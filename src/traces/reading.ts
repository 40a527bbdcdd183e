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

  /** A line that cannot be read. */
  add(line: number, why: string): void {
    this.count += 1;
    this.tell(line, why);
  }

  /** A line that was read, and that somebody should look at. */
  tell(line: number, why: string): void {
    if (this.told.length < FAULTS_TOLD) this.told.push({ line, why });
  }
}

const SHOWN_CHARACTERS = 60;

/** A text as it is told: quoted, and only its start where it is long. */
export function quoted(text: string): string {
  const shown = text.trim();
  return JSON.stringify(shown.length > SHOWN_CHARACTERS ? `${shown.slice(0, SHOWN_CHARACTERS)}…` : shown);
}
