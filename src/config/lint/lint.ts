import type { Check, Report } from "./check.ts";
import { GUEST_CHECKS } from "./checks/guest.ts";
import { HOST_CHECKS } from "./checks/host.ts";
import { LOAD_CHECKS } from "./checks/load.ts";
import { TREE_CHECKS } from "./checks/trees.ts";
import type { LintFinding } from "./finding.ts";
import type { LintInput } from "./input.ts";
import { RULES, ruleMessage } from "./rules.ts";

const CHECKS: readonly Check[] = [...LOAD_CHECKS, ...TREE_CHECKS, ...HOST_CHECKS, ...GUEST_CHECKS];

/**
 * Everything that is wrong with a configuration, as far as the rules know: sorted by file, line, node and rule, nothing twice.
 * The time taken grows with the size of what is looked at, and no bytes of a tree make it throw.
 */
export function lint(input: LintInput): LintFinding[] {
  const findings = new Map<string, LintFinding>();
  const report: Report = (id, { file, line, node }, params) => {
    const { severity } = RULES[id];
    const finding = { rule: id, severity, message: ruleMessage(id, params), file, line, node };
    findings.set(JSON.stringify(finding), finding);
  };
  for (const check of CHECKS) check(input, report);
  return [...findings.values()].sort(inOrder);
}

/** By file, then by line (what has none last), node, rule and message. */
function inOrder(a: LintFinding, b: LintFinding): number {
  return (
    compare(a.file, b.file) ||
    (a.line ?? Infinity) - (b.line ?? Infinity) ||
    compare(a.node ?? "", b.node ?? "") ||
    compare(a.rule, b.rule) ||
    compare(a.message, b.message)
  );
}

/** By code units, so that no machine's locale has a say. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
