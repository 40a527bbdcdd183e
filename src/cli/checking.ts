import type { LintFinding } from "#config/lint/finding.ts";
import type { LintInput } from "#config/lint/input.ts";
import { lint } from "#config/lint/lint.ts";
import { profileOf } from "#firmware/profiles.ts";
import { type LintFiles, loadLint } from "#inputs/lint/load-lint.ts";

/** The generation of the host tree's SCI binding, and where it stands. */
export interface BindingName {
  readonly form: string;
  readonly generation: string;
  /** Path of the node that holds the agent list. */
  readonly container: string;
}

/** What a check found. */
export interface CheckReport {
  readonly findings: readonly LintFinding[];
  /** Null: there is no host tree, or it has none. */
  readonly binding: BindingName | null;
  /** Mediator and version that the rules went by. */
  readonly xen: { readonly mediator: string; readonly version: string; readonly assumed: boolean };
  /** Whether there is a host tree at all. */
  readonly hasHost: boolean;
}

/** Reads files and finds what is wrong with them. */
export async function check(files: LintFiles): Promise<CheckReport> {
  const input = await loadLint(files, (firmware) => profileOf(firmware).protocols["base"]?.messages ?? null);
  const { mediator, version, known } = input.xen;
  return {
    findings: lint(input),
    binding: bindingName(input),
    xen: { mediator, version, assumed: !known },
    hasHost: input.host !== null,
  };
}

function bindingName({ binding }: LintInput): BindingName | null {
  if (binding === null) return null;
  const { form, generation, container } = binding;
  return { form, generation, container: container.path };
}
