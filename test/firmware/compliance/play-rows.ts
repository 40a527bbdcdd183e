import { expect, test } from "vitest";
import { type ComplianceRow, play } from "./rows.ts";

/** One test a row: met, or unmet in exactly the way that its reason speaks of. */
export function playRows(rows: readonly ComplianceRow[]): void {
  test.each(rows.map((row) => [row.id, row.rule, row] as const))("%s: %s", (_id, _rule, row) => {
    if (row.unmet !== undefined) expect(row.unmet.instead).not.toEqual(row.wanted);
    expect(play(row)).toEqual(row.unmet === undefined ? row.wanted : row.unmet.instead);
  });
}
