import type { LintFinding } from "#config/lint/finding.ts";
import type { BindingName, CheckReport } from "../checking.ts";

/** A report for people: by file, with the counts at the end. */
export function checkText(report: CheckReport): string {
  const byFile = new Map<string, LintFinding[]>();
  for (const finding of report.findings) {
    byFile.set(finding.file, [...(byFile.get(finding.file) ?? []), finding]);
  }
  const files = [...byFile].flatMap(([file, findings]) => [file, ...findings.map(findingText), ""]);
  return [...files, ...hostLines(report), countText(report.findings)].join("\n");
}

function findingText({ rule, severity, message, line, node }: LintFinding): string {
  const at = line === null ? "-" : String(line);
  const where = node === null ? "" : ` [${node}]`;
  return `  ${at.padStart(4)}  ${severity} ${rule.padEnd(5)}  ${message}${where}`;
}

function hostLines({ hasHost, binding, xen }: CheckReport): string[] {
  if (!hasHost) return [];
  const assumed = xen.assumed ? " (assumed: no board file says)" : "";
  return [`binding: ${bindingText(binding)}`, `xen: ${xen.mediator}, series ${xen.version}${assumed}`];
}

function bindingText(binding: BindingName | null): string {
  if (binding === null) return "none: the tree has no agent list of any generation";
  const { generation, form, container } = binding;
  return `${generation}${generation === form ? "" : ` (${form})`}, at ${container}`;
}

function countText(findings: readonly LintFinding[]): string {
  if (findings.length === 0) return "no findings";
  const counts = { E: 0, W: 0, I: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  const named = [
    [counts.E, "error"],
    [counts.W, "warning"],
    [counts.I, "hint"],
  ] as const;
  return named.map(([count, name]) => `${count} ${name}${count === 1 ? "" : "s"}`).join(", ");
}
