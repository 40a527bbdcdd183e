import type { Position } from "./issues.ts";

/** A value of an xl.cfg. xl keeps a number as the text that it was written as; only reading makes it a number. */
export type XlValue =
  | { readonly kind: "string" | "number"; readonly text: string; readonly at: Position }
  | { readonly kind: "list"; readonly items: readonly XlValue[]; readonly at: Position };

/** What the last assignment to a name made of it. A place is where the value begins; of a joined string, its first piece. */
export interface XlSetting {
  readonly value: XlValue;
  /** How it was assigned last: what `+=` made cannot be read as a number. */
  readonly operator: "=" | "+=";
  /** Line of the last assignment, from 1. */
  readonly line: number;
}
