/**
 * Version of the rules that this program decides new hosts by. A host keeps the version that it was configured with, in
 * `host.configured`; its log goes on being decided by that one.
 *
 * 1: every version of the series reads the newest binding, and knows no rules of its own about agent ids.
 * 2: each version reads its own binding (`docs/bindings.md`); a dom0less domain has an IOMMU context where Xen gives it one;
 *    Xen's command line is the tree's where the board file has none; a Xen without any mediator (`xen.mediator: none`) does not
 *    probe.
 */
export const RULE_VERSION = 2;

/** The versions that this program can decide by. */
export const RULE_VERSIONS: readonly number[] = [1, RULE_VERSION];

/** The version that a log asks for, or the newest where it asks for one that there is not. */
export function ruleVersionOr(version: number): number {
  return RULE_VERSIONS.includes(version) ? version : RULE_VERSION;
}
