import { isProblem } from "#base/problem.ts";
import type { SeriesVersion } from "../board/board.ts";
import { guestOf, readGuest } from "../xlcfg/guest.ts";
import { XlCfgIssues } from "../xlcfg/issues.ts";
import { parseXlCfg } from "../xlcfg/xlcfg.ts";
import type { LintGuest, LintTree } from "./input.ts";

/** Reads an xl.cfg for the lint, as far as it can be read. */
export function lintGuest(
  file: string,
  text: string,
  version: SeriesVersion,
  partial: LintTree | null = null,
): LintGuest {
  const issues = new XlCfgIssues();
  const parsed = parseXlCfg(text, issues);
  if (isProblem(parsed)) {
    const nothing = { parsed: null, config: null, issues: [] };
    return { file, text, ...nothing, syntax: issues.first(), problem: parsed, partial };
  }
  const { guest, issues: refused } = guestOf(parsed, version);
  const whole = readGuest(text, version);
  return {
    file,
    text,
    parsed,
    syntax: [],
    config: guest,
    issues: refused,
    problem: isProblem(whole) ? whole : null,
    partial,
  };
}
