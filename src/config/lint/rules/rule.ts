import type { Severity } from "../finding.ts";

/** A rule of the lint, as its reference page shows it. */
export interface Rule<Params> {
  readonly severity: Severity;
  /** When it is reported, in a line. */
  readonly condition: string;
  /** What is wrong, a sentence or two. */
  readonly message: (params: Params) => string;
  /** What to do, a sentence or two; it follows the message. */
  readonly advice: string;
  /** Section of the mediator reference that the rule comes from. */
  readonly source: string;
}

/** Declares a rule; its parameters are told by the message. */
export function rule<Params>(
  severity: Severity,
  condition: string,
  message: (params: Params) => string,
  advice: string,
  source: string,
): Rule<Params> {
  return { severity, condition, message, advice, source };
}

/** What a node or a place is called in a message. */
export type Name = string | number;
