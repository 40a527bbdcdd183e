import { firstIssues, ISSUES_MAX } from "../first-issues.ts";

/** A place in an xl.cfg, both from 1. A column is a character. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Something in an xl.cfg that xl refuses. */
export interface XlCfgIssue extends Position {
  readonly message: string;
}

/** What is wrong with an xl.cfg: the first issues as text, in the order of the file, and how many there are. */
export class XlCfgIssues {
  #count = 0;
  readonly #first: XlCfgIssue[] = [];

  add({ line, column }: Position, message: string): void {
    this.#count += 1;
    if (this.#first.length < ISSUES_MAX) this.#first.push({ line, column, message });
  }

  get count(): number {
    return this.#count;
  }

  /** The first issues, in the order of the file. */
  first(): readonly XlCfgIssue[] {
    return this.#first.toSorted((a, b) => a.line - b.line || a.column - b.column);
  }

  /** `3:5: message`, and how many more there are. */
  texts(): readonly string[] {
    const shown = this.first().map(({ line, column, message }) => `${line}:${column}: ${message}`);
    return firstIssues(shown, this.#count);
  }
}

/** Characters that a message quotes. */
const QUOTED_MAX = 40;

/** What somebody wrote, as a message shows it. */
export function quote(text: string): string {
  return JSON.stringify(text.length > QUOTED_MAX ? `${text.slice(0, QUOTED_MAX)}…` : text);
}
