/** How much a finding weighs: `E` fails or is unsafe, `W` works by accident or surprises, `I` is advice. */
export type Severity = "E" | "W" | "I";

/** Something wrong with a configuration, as users see it. */
export interface LintFinding {
  /** Id of the rule, e.g. `MA001`; `LOAD` for a file that could not be read. */
  readonly rule: string;
  readonly severity: Severity;
  /** What is wrong, then what to do. */
  readonly message: string;
  readonly file: string;
  /** From 1; null where the file has no lines, or nobody knows which. */
  readonly line: number | null;
  /** Path of the device-tree node at fault, or null. */
  readonly node: string | null;
}

/** Where a finding points. */
export type Place = Pick<LintFinding, "file" | "line" | "node">;
