import type { Place } from "./finding.ts";
import type { LintInput } from "./input.ts";
import type { RuleId, RuleParams } from "./rules.ts";

/** Reports that a rule is broken somewhere. The same rule, place and parameters twice count once. */
export type Report = <Id extends RuleId>(id: Id, place: Place, params: RuleParams<Id>) => void;

/** Looks at one thing of the configuration and reports what is wrong. It never throws, whatever the bytes of the trees. */
export type Check = (input: LintInput, report: Report) => void;

/** A place in a file that has no nodes. */
export function inFile(file: string, line: number | null = null): Place {
  return { file, line, node: null };
}
