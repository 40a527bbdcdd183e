/** Issues that a problem lists. */
export const ISSUES_MAX = 20;

/** The first issues, and how many more there are: `count`, where `issues` does not hold them all. */
export function firstIssues(issues: readonly string[], count = issues.length): readonly string[] {
  const shown = issues.slice(0, ISSUES_MAX);
  return count > shown.length ? [...shown, `and ${count - shown.length} more`] : shown;
}
